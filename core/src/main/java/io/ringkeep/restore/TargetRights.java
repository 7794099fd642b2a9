package io.ringkeep.restore;

import io.ringkeep.check.CheckLine;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.AclAdvice;
import io.ringkeep.redis.AclAdvice.Purpose;
import io.ringkeep.redis.ServerFacts;
import io.ringkeep.repository.manifest.Manifest;
import java.util.ArrayList;
import java.util.List;

/// Whether our user may do on a target what a restore does there.
///
/// Asked before anything is removed: a right that turns out to be missing behind `FLUSHALL` leaves
/// an empty target.
final class TargetRights {
  private TargetRights() {}

  /// A line for `check`: what a restore by either loader needs.
  static CheckLine line(RestoreRequest request, TargetServer server) {
    String subject = server.facts().endpoint() + " rights";
    AclAdvice.Missing missing = missing(request, server, Purpose.RESTORE_BY_COMMANDS);
    if (!missing.none()) {
      return CheckLine.fail(
          subject,
          "commands are denied: denied=%s unknown=%s"
              .formatted(missing.needed(), missing.unknown()),
          grant(request, server, Purpose.RESTORE_BY_COMMANDS));
    }
    if (!server.facts().clusterEnabled()
        && !missing(request, server, Purpose.RESTORE_BY_REPLICATION).none()) {
      return CheckLine.warn(
          subject,
          "REPLICAOF is denied: the restore goes by RESTORE, which is slower",
          grant(request, server, Purpose.RESTORE_BY_REPLICATION));
    }
    return CheckLine.ok(subject, "all that a restore can use");
  }

  /// Makes sure that a restore by `RESTORE` can go to its end.
  ///
  /// @throws BackupException.AccessDenied if it can't; the hint is the line that grants what lacks
  static void requireCommands(
      RestoreRequest request, Manifest manifest, List<TargetServer> servers, boolean whole) {
    for (TargetServer server : servers) {
      AclAdvice.Missing missing = missing(request, server, Purpose.RESTORE_BY_COMMANDS);
      List<String> lacks = new ArrayList<>(missing.needed());
      missing.of(called(request, manifest, server, whole)).stream()
          .filter(right -> !lacks.contains("+" + right))
          .forEach(lacks::add);
      if (!missing.tested() || !lacks.isEmpty()) {
        throw new BackupException.AccessDenied(
            "the target's user lacks rights, or commands are renamed there: server=%s lacks=%s"
                .formatted(server.facts().endpoint(), lacks),
            grant(request, server, Purpose.RESTORE_BY_COMMANDS),
            null);
      }
    }
  }

  /// What [CommandRestore] calls on this server beside what every restore needs.
  private static List<String> called(
      RestoreRequest request, Manifest manifest, TargetServer server, boolean whole) {
    ServerFacts facts = server.facts();
    boolean replace = request.existing() == Existing.REPLACE;
    List<String> called = new ArrayList<>(List.of("restore", "select"));
    if (replace) {
      called.add("flushall");
    }
    if (whole && facts.engine().hasFunctions()) {
      if (!Sidecars.functions(manifest).isEmpty()) {
        called.add("function|load");
      }
      if (replace && !facts.functions().orElse(List.of()).isEmpty()) {
        called.add("function|flush");
      }
    }
    return called;
  }

  private static AclAdvice.Missing missing(
      RestoreRequest request, TargetServer server, Purpose purpose) {
    return AclAdvice.missing(server.facts().endpoint(), request.connection(), purpose);
  }

  static String grant(RestoreRequest request, TargetServer server, Purpose purpose) {
    return AclAdvice.grant(
        request.connection().effectiveUser(),
        purpose,
        server.facts().engine(),
        server.facts().clusterEnabled());
  }
}
