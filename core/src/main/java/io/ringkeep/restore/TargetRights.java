package io.ringkeep.restore;

import io.ringkeep.check.CheckLine;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.AclAdvice;
import io.ringkeep.redis.Job;
import io.ringkeep.redis.ServerFacts;
import io.ringkeep.repository.manifest.Manifest;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whether our user may do on a target what a restore does there.
///
/// Asked before anything is removed or written: a right that turns out to be missing behind
/// `FLUSHALL`, or at the first value that is written as commands, leaves a target without its data.
final class TargetRights {
  private TargetRights() {}

  /// A line for `check`: what any restore can use.
  static CheckLine line(RestoreRequest request, TargetServer server) {
    String subject = server.facts().endpoint() + " rights";
    Set<Job> wishes = EnumSet.copyOf(Job.RESTORES);
    wishes.addAll(server.ability().writing());
    if (server.facts().clusterEnabled()) {
      wishes.remove(Job.RESTORE_BY_REPLICATION);
    }
    AclAdvice.Missing missing =
        AclAdvice.missing(
            server.facts().endpoint(),
            request.connection(),
            Set.of(Job.RESTORE_BY_COMMANDS),
            wishes);
    if (!missing.none()) {
      return CheckLine.fail(
          subject,
          "commands are denied: denied=%s unknown=%s"
              .formatted(missing.needed(), missing.unknown()),
          missing.grant());
    }
    if (missing.helpful().contains("+replicaof")) {
      return CheckLine.warn(
          subject,
          "REPLICAOF is denied: the restore goes by RESTORE, which is slower; denied="
              + missing.helpful(),
          missing.grant());
    }
    return missing.helpful().isEmpty()
        ? CheckLine.ok(subject, "all that a restore can use")
        : CheckLine.warn(
            subject,
            "some restores are refused, or say less: denied=" + missing.helpful(),
            missing.grant());
  }

  /// Makes sure that a restore by `RESTORE` can go to its end.
  ///
  /// @param whole whether all of the snapshot is restored, functions too
  /// @throws BackupException.AccessDenied if it can't; the hint is the line that grants what lacks
  /// @throws BackupException.TargetRefused if a command is not there under its name
  static void requireCommands(
      RestoreRequest request,
      Manifest manifest,
      List<TargetServer> servers,
      boolean whole,
      Crossing crossing) {
    for (TargetServer server : servers) {
      AclAdvice.require(
          server.facts().endpoint(),
          request.connection(),
          jobs(request, manifest, server.facts(), whole, crossing));
    }
  }

  /// The line that grants all that a restore by `RESTORE` takes on this server, and all that it may
  /// turn out to take when the server tells what it keeps to itself now.
  static String grant(
      RestoreRequest request,
      Manifest manifest,
      ServerFacts facts,
      boolean whole,
      Crossing crossing) {
    Set<Job> jobs = jobs(request, manifest, facts, whole, crossing);
    if (whole && request.existing() == Existing.REPLACE && facts.functions().isEmpty()) {
      jobs.add(Job.REMOVE_FUNCTIONS);
    }
    if (facts.longestArgumentBytes().isEmpty()) {
      jobs.addAll(crossing.ability().writing());
    }
    return AclAdvice.grant(
        request.connection().effectiveUser(), jobs, facts.engine(), facts.clusterEnabled());
  }

  /// What [CommandRestore] does on this server.
  private static Set<Job> jobs(
      RestoreRequest request,
      Manifest manifest,
      ServerFacts facts,
      boolean whole,
      Crossing crossing) {
    RestoreOptions options = request.options();
    boolean replace = request.existing() == Existing.REPLACE;
    Set<Job> jobs = EnumSet.of(Job.RESTORE_BY_COMMANDS);
    if (replace) {
      jobs.add(Job.EMPTY);
    }
    if (whole && !Sidecars.functions(manifest).isEmpty()) {
      jobs.add(Job.LOAD_FUNCTIONS);
    }
    if (whole && replace && !facts.functions().orElse(List.of()).isEmpty()) {
      jobs.add(Job.REMOVE_FUNCTIONS);
    }
    if (crossing.byCommands() > 0) {
      jobs.addAll(crossing.ability().writing());
    }
    if (options.conflict() != Conflict.REPLACE) {
      jobs.add(Job.FIND_KEYS);
    }
    if (options.delta()) {
      jobs.add(Job.READ_KEYS);
    }
    if (options.surplus()) {
      jobs.add(Job.DELETE_OTHERS);
    }
    return jobs;
  }

  /// What a plan warns of if the target can't be read back at its end.
  static Optional<String> withoutProof(RestoreRequest request, List<TargetServer> servers) {
    Set<Job> proof = Set.of(request.existing() == Existing.MERGE ? Job.READ_KEYS : Job.READ_BACK);
    return request.proof() == Proof.STREAM
        ? Optional.empty()
        : servers.stream()
            .map(server ->
                AclAdvice.missing(server.facts().endpoint(), request.connection(), proof, Set.of()))
            .filter(missing -> !missing.none())
            .findFirst()
            .map(missing ->
                "the target can't be read back at the end, so what it holds will not be proven:"
                    + " denied=%s unknown=%s; %s"
                        .formatted(missing.needed(), missing.unknown(), missing.grant()));
  }
}
