package io.ringkeep.restore;

import io.ringkeep.check.CheckLine;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.AclAdvice;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.Job;
import io.ringkeep.redis.command.Ability;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotLosses;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Decides how a snapshot gets onto a target, or refuses before anything is touched.
final class RestorePlanner {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Set<Job> BY_REPLICATION = Set.of(Job.RESTORE_BY_REPLICATION);

  private RestorePlanner() {}

  /// @throws BackupException.TargetRefused if any check fails; the first one is the message
  /// @throws BackupException.NotFound if there is no such snapshot
  static RestorePlan plan(RestoreRequest request, Repository repository, Clock clock)
      throws IOException {
    Manifest manifest = repository.snapshots(request.cache()).resolve(request.snapshot());
    SnapshotLosses missing = MissingData.of(request, repository, manifest);
    Topology topology = TopologyDiscovery.discover(request.target(), request.connection());
    List<TargetServer> servers =
        topology.shards().stream()
            .map(shard -> TargetServer.of(shard, request.connection()))
            .toList();
    Instant now = clock.instant();
    requireAgreement(request);
    Choice choice = choose(request, manifest, topology, servers);
    PlanScan.Result scan =
        scan(request, choice.loader(), repository, manifest, missing, servers, now, clock);
    List<CheckLine> checks =
        TargetChecks.of(manifest, topology, servers, request, scan.selected(), scan.crossing());
    requirePassed(checks);
    if (choice.loader() == Loader.RESTORE) {
      TargetRights.requireCommands(
          request, manifest, servers, scan.selected().isEmpty(), scan.crossing());
    }
    Surplus.Found surplus = surplus(request, repository, manifest, missing, servers, clock);
    long expired =
        scan.selected()
            .map(Selected::expired)
            .orElse(RestorePlan.share(manifest.contents().expiredBy(now), manifest, missing));
    long expiringWithinHour =
        scan.selected()
            .map(Selected::expiringWithinHour)
            .orElse(
                RestorePlan.share(manifest.contents().expiredBy(now.plus(HOUR)), manifest, missing)
                    - expired);
    List<String> destroys =
        RestoreSteps.destroys(request, manifest, servers, scan.selected().isEmpty(), surplus);
    return new RestorePlan(
        request,
        manifest,
        missing,
        topology,
        servers,
        choice.loader(),
        choice.reason(),
        now,
        scan.selected(),
        scan.crossing(),
        scan.hot(),
        checks,
        expired,
        expiringWithinHour,
        RestoreSteps.steps(
            request,
            topology,
            TargetServer.anyHoldsKeys(servers) || !destroys.isEmpty(),
            choice.loader(),
            scan),
        destroys,
        warnings(request, repository, manifest, servers, checks, choice, scan.hot()));
  }

  private static Surplus.Found surplus(
      RestoreRequest request,
      Repository repository,
      Manifest manifest,
      SnapshotLosses missing,
      List<TargetServer> servers,
      Clock clock)
      throws IOException {
    if (!request.options().surplus()) {
      return Surplus.Found.NONE;
    }
    if (!missing.none()) {
      throw new BackupException.InvalidRequest(
          "nothing is deleted for a snapshot that is not whole: snapshot=" + manifest.id(),
          "leave --delete-others out");
    }
    return Surplus.find(request, servers, repository, manifest, clock);
  }

  /// Options that contradict each other.
  private static void requireAgreement(RestoreRequest request) {
    RestoreOptions options = request.options();
    if (options.conflict() != Conflict.REPLACE && request.existing() != Existing.MERGE) {
      throw new BackupException.InvalidRequest(
          "--on-conflict is about keys that stay: existing="
              + request.existing().name().toLowerCase(Locale.ROOT),
          "add --existing merge, or leave --on-conflict out");
    }
    if (options.delta() && request.existing() != Existing.MERGE) {
      throw new BackupException.InvalidRequest(
          "--delta keeps what is there: existing="
              + request.existing().name().toLowerCase(Locale.ROOT),
          "add --existing merge, or leave --delta out");
    }
    if (options.delta() && options.conflict() != Conflict.REPLACE) {
      throw new BackupException.InvalidRequest(
          "--delta replaces what differs: on-conflict="
              + options.conflict().name().toLowerCase(Locale.ROOT),
          "leave --delta or --on-conflict out");
    }
    if (options.surplus() && (!options.delta() || !options.comparesNames())) {
      throw new BackupException.InvalidRequest(
          "--delete-others compares names with those of the snapshot",
          "add --delta, and leave out --rename, --db-map, --type, --larger, --smaller and --ttl"
              + " drop-expired");
    }
    if (request.loader() == Loader.REPLICATION && options.hotPercent() > 0) {
      throw new BackupException.InvalidRequest(
          "a target that replicates serves nothing before all is there: --hot-first does not help",
          "use --loader restore, or leave --hot-first out");
    }
    if (request.loader() == Loader.REPLICATION && !options.wholeAndUnchanged()) {
      throw new BackupException.InvalidRequest(
          "replication loads the whole snapshot as it is",
          "use --loader restore, or leave --loader out");
    }
  }

  private static PlanScan.Result scan(
      RestoreRequest request,
      Loader loader,
      Repository repository,
      Manifest manifest,
      SnapshotLosses missing,
      List<TargetServer> servers,
      Instant now,
      Clock clock)
      throws IOException {
    Ability ability = ability(manifest, servers);
    return loader == Loader.REPLICATION
        ? PlanScan.Result.ofAll(ability)
        : PlanScan.run(
            repository,
            manifest,
            missing.readable(),
            new Shaping(request.options(), repository.hashKey(), manifest.time(), now),
            ability,
            request.options().hotPercent(),
            clock);
  }

  /// What every server of the target can hold, the replicas that follow now among them.
  private static Ability ability(Manifest manifest, List<TargetServer> servers) {
    Ability ability =
        servers.stream().map(TargetServer::ability).reduce(Ability::and).orElseThrow();
    return servers.stream()
            .allMatch(server -> TargetChecks.missingModules(manifest, server.facts()).isEmpty())
        ? ability
        : ability.withoutModules();
  }

  /// All that a plan looks at, and the rights of both loaders; nothing is thrown for a finding.
  static List<CheckLine> check(RestoreRequest request, Repository repository, Clock clock)
      throws IOException {
    List<CheckLine> lines = new ArrayList<>();
    try {
      Manifest manifest = repository.snapshots(request.cache()).resolve(request.snapshot());
      SnapshotLosses missing = MissingData.of(request, repository, manifest);
      Topology topology = TopologyDiscovery.discover(request.target(), request.connection());
      List<TargetServer> servers = new ArrayList<>();
      for (Shard shard : topology.shards()) {
        TargetServer server = TargetServer.of(shard, request.connection());
        servers.add(server);
        lines.add(TargetRights.line(request, server));
      }
      Choice choice = choose(request, manifest, topology, servers);
      PlanScan.Result scan =
          scan(
              request,
              choice.loader(),
              repository,
              manifest,
              missing,
              servers,
              clock.instant(),
              clock);
      lines.addAll(
          TargetChecks.of(manifest, topology, servers, request, scan.selected(), scan.crossing()));
      if (choice.loader() == Loader.RESTORE) {
        TargetRights.requireCommands(
            request, manifest, servers, scan.selected().isEmpty(), scan.crossing());
      }
    } catch (BackupException e) {
      lines.add(
          CheckLine.fail(
              "target", String.valueOf(e.getMessage()), e.hint().orElse("fix this first")));
    }
    return lines;
  }

  static void requirePassed(List<CheckLine> checks) {
    for (CheckLine check : checks) {
      if (check.level() == CheckLine.Level.FAIL) {
        throw new BackupException.TargetRefused(
            "%s: %s".formatted(check.subject(), check.finding()), check.hint().orElse(null));
      }
    }
  }

  private record Choice(Loader loader, String reason) {}

  private static Choice choose(
      RestoreRequest request, Manifest manifest, Topology topology, List<TargetServer> servers) {
    String obstacle = replicationObstacle(request, manifest, topology, servers);
    Endpoint primary = servers.getFirst().shard().primary().endpoint();
    return switch (request.loader()) {
      case RESTORE -> new Choice(Loader.RESTORE, "it was asked for");
      case REPLICATION -> {
        if (!obstacle.isEmpty()) {
          throw new BackupException.InvalidRequest(
              "the target can't be loaded by replication: " + obstacle,
              "use --loader auto or --loader restore");
        }
        AclAdvice.require(primary, request.connection(), BY_REPLICATION);
        yield new Choice(Loader.REPLICATION, "it was asked for");
      }
      case AUTO -> {
        if (!obstacle.isEmpty()) {
          yield new Choice(Loader.RESTORE, obstacle);
        }
        AclAdvice.Missing missing =
            AclAdvice.missing(primary, request.connection(), BY_REPLICATION, Set.of());
        yield missing.none()
            ? new Choice(Loader.REPLICATION, "one primary, and all of it is loaded")
            : new Choice(
                Loader.RESTORE,
                "commands are denied: denied=%s unknown=%s"
                    .formatted(missing.needed(), missing.unknown()));
      }
    };
  }

  /// Why the target can't be told to replicate from us, whoever we are; empty if it can.
  private static String replicationObstacle(
      RestoreRequest request, Manifest manifest, Topology topology, List<TargetServer> servers) {
    if (!request.options().wholeAndUnchanged()) {
      return "not all of the snapshot is restored as it is";
    }
    if (request.options().hotPercent() > 0) {
      return "the hottest keys go first, and replication serves none before all are there";
    }
    if (topology.kind() == Topology.Kind.CLUSTER) {
      return "cluster servers refuse REPLICAOF";
    }
    if (topology.kind() == Topology.Kind.KETAMA) {
      return "each key goes to the server that the ring has for it";
    }
    if (request.existing() == Existing.MERGE) {
      return "what is there stays, and replication would replace it";
    }
    if (request.connection().tls().isPresent()) {
      return "the target would dial us with TLS, and we have no certificate for it";
    }
    if (request.existing() == Existing.REFUSE) {
      Optional<List<String>> libraries = servers.getFirst().librariesBeside(manifest);
      if (libraries.isEmpty() || !libraries.get().isEmpty()) {
        return libraries
            .map(names -> "it would remove function libraries that are there: libraries=" + names)
            .orElse("it would remove function libraries, and FUNCTION LIST is denied");
      }
    }
    for (Server replica : servers.getFirst().shard().followers()) {
      if (!replica.engine().canSyncFrom(servers.getFirst().facts().engine())
          || RdbVersions.choose(manifest, replica.engine()).isEmpty()) {
        return "a replica would be emptied: it is too old for a full sync of the snapshot: replica=%s %s"
            .formatted(replica.endpoint(), replica.engine());
      }
    }
    Set<String> modules = TargetChecks.missingModules(manifest, servers.getFirst().facts());
    if (!modules.isEmpty()) {
      return "modules are missing there: " + modules;
    }
    if (RdbVersions.choose(manifest, servers.getFirst().facts().engine()).isEmpty()) {
      return "%s takes no RDB version that holds the snapshot"
          .formatted(servers.getFirst().facts().engine());
    }
    return "";
  }

  private static List<String> warnings(
      RestoreRequest request,
      Repository repository,
      Manifest manifest,
      List<TargetServer> servers,
      List<CheckLine> checks,
      Choice choice,
      Optional<HotKeys> hot)
      throws IOException {
    List<String> warnings = new ArrayList<>();
    if (manifest.consistency().keyByKey()) {
      warnings.add(
          "the snapshot is fuzzy: it was read key by key within %d ms, and keys that were written"
                  .formatted(manifest.consistency().skewMillis())
              + " meanwhile may be in either state, or missing");
    }
    if (request.snapshot().equals(SnapshotCatalog.LATEST)) {
      String newest = repository.snapshots(request.cache()).references().getLast().id();
      if (!newest.equals(manifest.id())) {
        warnings.add(
            "the newest snapshot has far fewer records than this one and is passed over: newest=%s"
                .formatted(newest));
      }
    }
    if (request.options().hotPercent() > 0) {
      warnings.addAll(HotKeys.warnings(hot, manifest));
    }
    TargetRights.withoutProof(request, servers).ifPresent(warnings::add);
    for (CheckLine check : checks) {
      if (check.level() == CheckLine.Level.WARN) {
        warnings.add("%s: %s".formatted(check.subject(), check.finding()));
      }
    }
    if (choice.loader() == Loader.RESTORE && choice.reason().contains("certificate")) {
      warnings.add("by RESTORE, since " + choice.reason());
    }
    return List.copyOf(warnings);
  }
}
