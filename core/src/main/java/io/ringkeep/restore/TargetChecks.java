package io.ringkeep.restore;

import io.ringkeep.check.CheckLine;
import io.ringkeep.check.SentinelChecks;
import io.ringkeep.model.Slot;
import io.ringkeep.placement.ring.KeyRing;
import io.ringkeep.redis.AclAdvice;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.ServerFacts;
import io.ringkeep.redis.command.Ability;
import io.ringkeep.redis.command.Loss;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.manifest.Contents;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.TypeCount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Everything about a target that could make a restore fail or lose data, looked at before anything
/// is sent.
///
/// Each of them was seen to happen: a server that is sent too new an RDB empties itself and then
/// refuses it; one with too few databases, or without a module, exits; one with too little
/// `maxmemory` loads all and evicts it when it is promoted. `docs/redis-internals.md` has the
/// versions.
final class TargetChecks {
  /// What a server keeps beside a key's own bytes at the very least: dictionary entry, object
  /// header, pointers.
  private static final long LEAST_OVERHEAD_BYTES = 56;

  private TargetChecks() {}

  /// One line for each finding about `servers`, the whole target.
  static List<CheckLine> of(
      Manifest manifest,
      Topology topology,
      List<TargetServer> servers,
      RestoreRequest request,
      Optional<Selected> selected,
      Crossing crossing) {
    Existing existing = request.existing();
    boolean drop = request.options().dropUnsupported();
    String user = request.connection().effectiveUser();
    List<CheckLine> lines = new ArrayList<>();
    if (!topology.unserved().isEmpty()) {
      lines.add(
          CheckLine.fail(
              "target",
              "slots without a primary: slots=" + topology.unserved(),
              "bring the target to cluster_state:ok first"));
    }
    if (!topology.moves().isEmpty()) {
      lines.add(
          CheckLine.warn(
              "target",
              "slots are being moved: slots="
                  + topology.moves().stream().map(Topology.SlotMove::slots).distinct().toList(),
              "the restore follows them; it is quicker when that has ended"));
    }
    if (!topology.absent().isEmpty()) {
      lines.add(
          CheckLine.warn(
              "target",
              "replicas could not be asked: "
                  + topology.absent().stream()
                      .map(absent -> absent.endpoint() + " " + absent.reason())
                      .collect(Collectors.joining("; ")),
              "one that is older than its primary may lack what it does not know, or be emptied: look"
                  + " at its version"));
    }
    for (TargetServer server : servers) {
      lines.add(emptiness(server, existing));
      lines.add(databases(highestDatabase(manifest, selected), server.facts()));
      lines.add(modules(manifest, server.facts(), crossing, drop));
      String grant =
          TargetRights.grant(request, manifest, server.facts(), selected.isEmpty(), crossing);
      lines.add(functions(manifest, server.facts(), existing, drop, grant));
      boolean loadsFunctions = selected.isEmpty() && !Sidecars.functions(manifest).isEmpty();
      replicas(server, loadsFunctions).ifPresent(lines::add);
      clients(server, user).ifPresent(lines::add);
    }
    SentinelChecks.paused(topology, request.connection()).ifPresent(lines::add);
    lines.add(format(servers, crossing, drop));
    lines.add(memory(manifest, servers, request, selected));
    stall(servers, request, crossing).ifPresent(lines::add);
    return lines;
  }

  /// Of values that cannot go in pieces, or are read back one by one.
  private static Optional<CheckLine> stall(
      List<TargetServer> servers, RestoreRequest request, Crossing crossing) {
    boolean readsKeys =
        request.options().delta()
            || (request.existing() == Existing.MERGE && request.proof() == Proof.TARGET);
    long millis =
        readsKeys ? Math.max(crossing.sentMillis(), crossing.readMillis()) : crossing.sentMillis();
    if (millis <= crossing.ability().mostStallMillis()) {
      return Optional.empty();
    }
    Duration timeout =
        servers.stream()
            .flatMap(server -> server.facts().clusterNodeTimeout().stream())
            .min(Comparator.naturalOrder())
            .orElseThrow();
    return Optional.of(
        CheckLine.warn(
            "target stall",
            "one value may keep its server from answering for about %d ms, and after cluster-node-timeout=%d the others take it for dead"
                .formatted(millis, timeout.toMillis()),
            "until the restore has ended, on each server: CONFIG SET cluster-node-timeout "
                + Math.max(60_000, 4 * millis)));
  }

  /// Replicas that only follow as long as their link holds.
  private static Optional<CheckLine> replicas(TargetServer server, boolean loadsFunctions) {
    List<Server> tooOld = server.shard().tooOldReplicas();
    if (tooOld.isEmpty()) {
      return Optional.empty();
    }
    boolean without =
        loadsFunctions && tooOld.stream().anyMatch(replica -> !replica.engine().hasFunctions());
    return Optional.of(
        CheckLine.warn(
            subject(server.facts(), "replicas"),
            "replicas are too old for a full sync from their primary: primary=%s replicas=%s%s"
                .formatted(
                    server.facts().engine(),
                    tooOld.stream()
                        .map(replica -> replica.endpoint() + " " + replica.engine())
                        .toList(),
                    without ? "; they get no functions" : ""),
            "upgrade them first: one whose link breaks is emptied and does not come back"));
  }

  private static Optional<CheckLine> clients(TargetServer server, String user) {
    String subject = subject(server.facts(), "clients");
    if (server.writers().isEmpty()) {
      return Optional.of(
          CheckLine.warn(
              subject,
              "whether clients write to the target is not known, since CLIENT LIST or COMMAND INFO is"
                  + " denied",
              "make sure that nothing writes there, or grant what tells it: "
                  + AclAdvice.line(user, List.of("+client|list", "+command|info"))));
    }
    List<String> writers = server.writers().get();
    return writers.isEmpty()
        ? Optional.empty()
        : Optional.of(
            CheckLine.warn(
                subject,
                "clients write to the target: " + String.join(", ", writers),
                "stop them, or their writes are lost or mixed with what is restored"));
  }

  private static CheckLine emptiness(TargetServer server, Existing existing) {
    String subject = subject(server.facts(), "keys");
    if (server.keys() == 0) {
      return CheckLine.ok(subject, "empty");
    }
    return switch (existing) {
      case REFUSE ->
          CheckLine.fail(
              subject,
              "the target is not empty: keys=" + server.keys(),
              "--existing replace removes what is there, --existing merge keeps it");
      case REPLACE ->
          CheckLine.warn(
              subject,
              "%d keys will be removed".formatted(server.keys()),
              "take a backup of them first if anyone may miss them");
      case MERGE ->
          CheckLine.ok(
              subject,
              "%d keys are there; those in the snapshot are replaced".formatted(server.keys()));
    };
  }

  private static CheckLine format(List<TargetServer> servers, Crossing crossing, boolean drop) {
    String subject = "target format";
    // In the middle of an upgrade there are several; each counts, that of a replica too.
    String engine =
        Stream.concat(
                servers.stream().map(server -> server.facts().engine()),
                servers.stream().flatMap(server -> server.shard().followerEngines().stream()))
            .map(EngineVersion::toString)
            .distinct()
            .collect(Collectors.joining(" and "));
    if (!crossing.loses()) {
      return CheckLine.ok(
          subject,
          crossing.byCommands() == 0
              ? engine + " takes every type of the snapshot"
              : "%s takes every type of the snapshot, %d records as commands"
                  .formatted(engine, crossing.byCommands()));
    }
    String finding =
        "%s can't hold all of the snapshot: %s"
            .formatted(engine, String.join("; ", crossing.lossesInWords()));
    return drop
        ? CheckLine.warn(subject, finding, "this is left out, as --drop-unsupported says")
        : CheckLine.fail(
            subject,
            finding
                + ": first="
                + crossing.examples().subList(0, Math.min(3, crossing.examples().size())),
            (primariesHold(servers, crossing) ? "upgrade the replicas first; or else " : "")
                + "restore --dry-run --drop-unsupported lists them; without --dry-run it leaves them"
                + " out");
  }

  /// True if nothing would be lost if it were not for the replicas.
  private static boolean primariesHold(List<TargetServer> servers, Crossing crossing) {
    Ability primaries =
        servers.stream()
            .map(server -> Ability.of(server.facts()))
            .reduce(Ability::and)
            .orElseThrow();
    return crossing.losses().keySet().stream().allMatch(primaries::keeps);
  }

  private static int highestDatabase(Manifest manifest, Optional<Selected> selected) {
    return selected
        .map(Selected::highestDatabase)
        .orElse(manifest.contents().types().stream().mapToInt(TypeCount::database).max().orElse(0));
  }

  private static CheckLine databases(int highest, ServerFacts facts) {
    String subject = subject(facts, "databases");
    if (facts.databases().isEmpty()) {
      return highest == 0
          ? CheckLine.ok(subject, "database 0 is all that is needed")
          : CheckLine.warn(
              subject,
              "not known, since CONFIG GET is denied; needed=" + (highest + 1),
              "a server with too few of them exits when it loads the snapshot: make sure by hand");
    }
    int there = facts.databases().getAsInt();
    return there > highest
        ? CheckLine.ok(subject, "%d of %d needed".formatted(highest + 1, there))
        : CheckLine.fail(
            subject,
            "the target has too few databases: needed=%d there=%d".formatted(highest + 1, there),
            facts.clusterEnabled()
                ? "a cluster has database 0 alone: restore onto a standalone server"
                : "start it with --databases " + (highest + 1));
  }

  /// Values of modules are the matter of [Crossing]; this is about what modules keep beside keys.
  private static CheckLine modules(
      Manifest manifest, ServerFacts facts, Crossing crossing, boolean drop) {
    String subject = subject(facts, "modules");
    Set<String> missing = missingModules(manifest, facts);
    if (missing.isEmpty()) {
      return CheckLine.ok(subject, "all that the snapshot needs");
    }
    String finding = "modules are missing on the target: missing=" + missing;
    if (crossing.losses().containsKey(Loss.MODULE) || drop) {
      return CheckLine.warn(subject, finding, "load them there first, or their data is left out");
    }
    return CheckLine.fail(
        subject, finding, "load them there first; --drop-unsupported leaves their data out");
  }

  /// Names of modules that the snapshot's values need and the server has not.
  static Set<String> missingModules(Manifest manifest, ServerFacts facts) {
    Set<String> needed = new TreeSet<>(Sidecars.modules(manifest));
    needed.removeAll(
        facts.modules().stream().map(ServerFacts.Module::name).collect(Collectors.toSet()));
    return needed;
  }

  private static CheckLine functions(
      Manifest manifest, ServerFacts facts, Existing existing, boolean drop, String grant) {
    String subject = subject(facts, "functions");
    Map<String, String> libraries = FunctionLibraries.byName(Sidecars.functions(manifest));
    if (libraries.isEmpty()) {
      return CheckLine.ok(subject, "none in the snapshot");
    }
    if (!facts.engine().hasFunctions()) {
      String finding = "the target has no functions: needed=" + libraries.keySet();
      return drop
          ? CheckLine.warn(subject, finding, "they are left out, as --drop-unsupported says")
          : CheckLine.fail(
              subject,
              finding,
              "restore onto Redis 7.0, Valkey or newer; --drop-unsupported leaves them out");
    }
    if (facts.functions().isEmpty()) {
      return CheckLine.fail(
          subject,
          "functions can't be listed, since FUNCTION LIST is denied: needed=" + libraries.keySet(),
          "grant all that this restore takes: " + grant);
    }
    List<String> other =
        facts.functions().orElseThrow().stream()
            .filter(there -> libraries.containsKey(there.name()))
            .filter(there -> !there.code().equals(libraries.get(there.name())))
            .map(ServerFacts.FunctionLibrary::name)
            .toList();
    return other.isEmpty() || existing == Existing.REPLACE
        ? CheckLine.ok(subject, "libraries=" + libraries.keySet())
        : CheckLine.fail(
            subject,
            "the target has other code under the same name: libraries=" + other,
            "FUNCTION DELETE them there, or restore with --existing replace");
  }

  private static CheckLine memory(
      Manifest manifest,
      List<TargetServer> servers,
      RestoreRequest request,
      Optional<Selected> selected) {
    Contents contents = manifest.contents();
    long needed =
        selected.map(Selected::bytes).orElse(contents.bytes())
            + selected.map(Selected::records).orElse(contents.records()) * LEAST_OVERHEAD_BYTES;
    List<String> tooSmall = new ArrayList<>();
    int limited = 0;
    for (int i = 0; i < servers.size(); i++) {
      TargetServer server = servers.get(i);
      long limit = server.facts().maxmemoryBytes().orElse(0);
      if (limit == 0) {
        continue;
      }
      limited++;
      long used = server.facts().usedMemoryBytes().orElse(0);
      long free = request.existing() == Existing.MERGE ? limit - used : limit;
      long share = servers.size() == 1 ? needed : share(needed, request, server, i);
      if (share > free) {
        tooSmall.add(
            "%s atLeastBytes=%d maxmemoryBytes=%d"
                .formatted(server.facts().endpoint(), share, free));
      }
    }
    if (!tooSmall.isEmpty()) {
      return CheckLine.fail(
          "target memory",
          "the snapshot does not fit: " + String.join(", ", tooSmall),
          "raise maxmemory: what does not fit is evicted, or refused, after the load");
    }
    return CheckLine.ok(
        "target memory",
        limited == 0
            ? "no maxmemory"
            : "at least %d bytes are needed, and maxmemory leaves them".formatted(needed));
  }

  private static long share(long needed, RestoreRequest request, TargetServer server, int index) {
    return request
        .target()
        .ring()
        .map(ring -> (long) (needed * new KeyRing(ring).share(index)))
        .orElse(needed / Slot.COUNT * slots(server));
  }

  private static int slots(TargetServer server) {
    return server.shard().slots().stream()
        .mapToInt(range -> range.last() - range.first() + 1)
        .sum();
  }

  private static String subject(ServerFacts facts, String what) {
    return facts.endpoint() + " " + what;
  }
}
