package io.ringkeep.redis.replication;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.redis.AclAdvice;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.ErrorReply;
import io.ringkeep.redis.resp.Printable;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a server's refusal of a `RESTORE` means: something about one key, or about all of them.
public final class RestoreRefusals {
  private final Endpoint server;
  private final ConnectionOptions connection;

  /// Of a server, as the user that `connection` logs in as.
  public RestoreRefusals(Endpoint server, ConnectionOptions connection) {
    this.server = server;
    this.connection = connection;
  }

  /// True if a cluster's server does not serve the key's slot, or not alone while it is being moved
  /// (`MOVED`, `ASK`, `TRYAGAIN`): the key belongs to another one, now or soon.
  ///
  /// @param reply the answer without its sign
  public static boolean servedElsewhere(String reply) {
    return reply.startsWith("MOVED ") || reply.startsWith("ASK ") || reply.startsWith("TRYAGAIN ");
  }

  /// The failure that every other key would meet too; empty if the refusal is of one key alone.
  ///
  /// @param reply the answer without its sign
  public Optional<RuntimeException> ofAll(String reply) {
    String where = "server=" + server;
    @Nullable RuntimeException all =
        switch (reply.split(" ", 2)[0]) {
          case "OOM" ->
              new TargetRefused(
                  "target has no memory for more: " + where,
                  "raise its maxmemory, or restore to a larger one");
          case "READONLY" ->
              new TargetRefused(
                  "target is a replica and takes no writes: " + where, "restore to its primary");
          case "MISCONF" ->
              new TargetRefused(
                  "target cannot save its data and takes no writes: " + where,
                  "see its log, or CONFIG SET stop-writes-on-bgsave-error no");
          case "NOREPLICAS" ->
              new TargetRefused(
                  "target takes no writes for want of replicas: " + where,
                  "bring them up, or lower min-replicas-to-write");
          case "NOPERM" -> noRights("RESTORE");
          case "NOAUTH", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "BUSY" ->
              ErrorReply.of(server, connection, List.of("RESTORE"), reply);
          default ->
              reply.startsWith("ERR unknown command") || reply.startsWith("ERR Protocol error")
                  ? new TargetRefused(
                      "target takes no RESTORE: " + where + " reply=" + Printable.of(reply),
                      reply.contains("bulk length")
                          ? "a value is larger than its proto-max-bulk-len: raise that"
                          : "RESTORE is renamed or forbidden there: ask its operator for it")
                  : null;
        };
    return Optional.ofNullable(all);
  }

  /// What a refused `SELECT` means.
  public RuntimeException ofDatabase(int number, String reply) {
    return reply.startsWith("NOPERM")
        ? noRights("SELECT")
        : new TargetRefused(
            "target has no such database: server=%s database=%d reply=%s"
                .formatted(server, number, Printable.of(reply)),
            "raise 'databases' in its configuration; a cluster may have database 0 only");
  }

  private AccessDenied noRights(String command) {
    String user = connection.effectiveUser();
    return new AccessDenied(
        "user may not restore: server=%s command=%s user=%s".formatted(server, command, user),
        "grant it with: "
            + AclAdvice.line(user, List.of(AclAdvice.ALL_KEYS, "+select", "+restore")),
        null);
  }
}
