package io.ringkeep.backup;

import io.ringkeep.check.CheckLine;
import io.ringkeep.check.SentinelChecks;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.AclAdvice;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.Job;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerError;
import io.ringkeep.redis.ServerFacts;
import io.ringkeep.redis.rdb.RdbWriter;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Tests whether a source could be backed up now: no fork, nothing changed.
public final class SourceChecks {
  /// While a child saves, every page that is written to is copied: at worst the whole dataset.
  private static final double COPY_ON_WRITE = 2.0;

  private static final long SMALL_BUFFER_BYTES = 64L << 20;

  private SourceChecks() {}

  /// One line for each finding.
  public static List<CheckLine> of(BackupRequest request, Repository repository)
      throws IOException {
    List<CheckLine> lines = new ArrayList<>();
    BackupPlan plan;
    try {
      plan = BackupPlanner.plan(request, repository);
    } catch (BackupException e) {
      lines.add(
          CheckLine.fail(
              "source", String.valueOf(e.getMessage()), e.hint().orElse("fix this first")));
      return lines;
    }
    lines.add(
        CheckLine.ok(
            "topology",
            "%s, shards=%d".formatted(plan.topology().kind(), plan.topology().shards().size())));
    if (!plan.topology().moves().isEmpty()) {
      lines.add(
          CheckLine.warn(
              "topology",
              "slots are being moved: " + plan.topology().moves(),
              "a backup now is refused or repeated; wait until the resharding has ended"));
    }
    SentinelChecks.paused(plan.topology(), request.connection()).ifPresent(lines::add);
    for (ShardCapture capture : plan.captures()) {
      server(request, capture, lines);
    }
    return lines;
  }

  private static void server(BackupRequest request, ShardCapture capture, List<CheckLine> lines) {
    Endpoint endpoint = capture.server().endpoint();
    lines.add(
        capture.server().equals(capture.shard().primary()) && request.from() != SourcePolicy.PRIMARY
            ? CheckLine.warn(
                endpoint + " role",
                "the primary is read: " + capture.reason(),
                "give the shard a replica, so that the primary need not fork")
            : CheckLine.ok(endpoint + " role", capture.reason()));
    try (ServerConnection server = ServerConnection.open(endpoint, request.connection())) {
      ServerFacts facts = ServerFacts.of(server);
      lines.add(rights(request, endpoint));
      lines.add(version(facts, endpoint));
      lines.add(memory(facts, endpoint));
      lines.add(buffer(facts, endpoint));
      facts.minReplicasToWrite().stream()
          .filter(count -> count > 0)
          .forEach(count ->
              lines.add(
                  CheckLine.warn(
                      endpoint + " replicas",
                      "an archiver counts as one of the replicas that writes wait for:"
                          + " min-replicas-to-write="
                          + count,
                      "what it has acknowledged is on its host's disk; raise the setting by one if"
                          + " that is not enough")));
      waits(server, endpoint).ifPresent(lines::add);
      lines.add(
          CheckLine.ok(
              endpoint + " modules",
              facts.modules().isEmpty()
                  ? "none"
                  : "their data is kept as bytes: "
                      + facts.modules().stream().map(ServerFacts.Module::name).toList()));
      if (facts.savingInBackground()) {
        lines.add(
            CheckLine.warn(
                endpoint + " fork", "a child is saving now", "a backup waits until it has ended"));
      }
    } catch (BackupException e) {
      lines.add(
          CheckLine.fail(
              endpoint + " login",
              String.valueOf(e.getMessage()),
              e.hint().orElse("see the server's log")));
    } catch (ServerError e) {
      lines.add(CheckLine.fail(endpoint + " login", String.valueOf(e.getMessage()), "see its log"));
    }
  }

  /// Clients that wait for replicas, as the server has counted them.
  private static Optional<CheckLine> waits(ServerConnection server, Endpoint endpoint) {
    String calls = server.info("commandstats").getOrDefault("cmdstat_wait", "");
    return calls.isEmpty()
        ? Optional.empty()
        : Optional.of(
            CheckLine.warn(
                endpoint + " WAIT",
                "an archiver counts as one of the replicas that clients wait for: WAIT "
                    + calls.split(",", 2)[0],
                "what it has acknowledged is on its host's disk; have them wait for one more if"
                    + " that is not enough"));
  }

  private static CheckLine rights(BackupRequest request, Endpoint endpoint) {
    AclAdvice.Missing missing =
        AclAdvice.missing(endpoint, request.connection(), Set.of(job(request)), Set.of());
    String subject = endpoint + " rights";
    if (!missing.tested()) {
      return CheckLine.warn(subject, "can't be tested: MULTI is denied", missing.grant());
    }
    if (!missing.none()) {
      return CheckLine.fail(
          subject,
          "commands are denied: denied=%s unknown=%s"
              .formatted(missing.needed(), missing.unknown()),
          missing.grant());
    }
    return missing.helpful().isEmpty()
        ? CheckLine.ok(subject, "all that a capture can use")
        : CheckLine.warn(
            subject, "less is known without: denied=" + missing.helpful(), missing.grant());
  }

  private static Job job(BackupRequest request) {
    return switch (request.via()) {
      case PSYNC -> Job.CAPTURE;
      case SCAN -> Job.CAPTURE_BY_SCAN;
    };
  }

  private static CheckLine version(ServerFacts facts, Endpoint endpoint) {
    return RdbWriter.writable(facts.engine().newestRdb())
        ? CheckLine.ok(
            endpoint + " version",
            "%s writes %s".formatted(facts.engine(), facts.engine().newestRdb()))
        : CheckLine.warn(
            endpoint + " version",
            "%s writes %s, which is newer than this Ringkeep knows"
                .formatted(facts.engine(), facts.engine().newestRdb()),
            "a backup is refused at the first thing it does not know: upgrade Ringkeep");
  }

  private static CheckLine memory(ServerFacts facts, Endpoint endpoint) {
    long system = facts.systemMemoryBytes().orElse(0);
    long used = facts.usedMemoryBytes().orElse(0);
    return system == 0 || used * COPY_ON_WRITE < system
        ? CheckLine.ok(endpoint + " memory", "usedBytes=%d systemBytes=%d".formatted(used, system))
        : CheckLine.warn(
            endpoint + " memory",
            "copy-on-write may not fit: usedBytes=%d systemBytes=%d".formatted(used, system),
            "back up from a replica on another host, or when there are fewer writes");
  }

  private static CheckLine buffer(ServerFacts facts, Endpoint endpoint) {
    Optional<ServerFacts.OutputBufferLimit> limit = facts.replicaOutputBufferLimit();
    if (limit.isEmpty()) {
      return CheckLine.ok(endpoint + " output buffer", "not known, since CONFIG GET is denied");
    }
    long hard = limit.get().hardBytes();
    return hard == 0 || hard >= SMALL_BUFFER_BYTES
        ? CheckLine.ok(endpoint + " output buffer", "hardLimitBytes=" + hard)
        : CheckLine.warn(
            endpoint + " output buffer",
            "the server may drop us in a full sync: hardLimitBytes=" + hard,
            "CONFIG SET client-output-buffer-limit 'replica 256mb 64mb 60'");
  }
}
