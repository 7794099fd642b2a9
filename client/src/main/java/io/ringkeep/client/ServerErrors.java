package io.ringkeep.client;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/// What an error means for whoever called.
///
/// Source of the texts: `server.c` and `cluster.c` of Redis 6.0–8.0 and Valkey 8.1–9.1.
final class ServerErrors {
  private ServerErrors() {}

  static BackupException of(JedisException error, String server) {
    String text = String.valueOf(error.getMessage());
    String where = "server=" + server;
    if (error.getCause() instanceof BackupException dialled) {
      return dialled;
    }
    if (error instanceof JedisConnectionException) {
      return new Unavailable(
          "server is away: %s cause=%s".formatted(where, text), "check its address", error);
    }
    return switch (text.split(" ", 2)[0]) {
      case "NOAUTH", "WRONGPASS" ->
          new AccessDenied("server refuses the login: " + where, "check user and password", error);
      case "NOPERM" ->
          new AccessDenied(
              "user may not: " + where + " reply=" + text,
              "allow DUMP, RESTORE, GET, SET, DEL, PTTL, HSET, HGET, HGETALL and HDEL on these keys,"
                  + " on ringkeep:* and on backup keys; MULTI, EXEC, TIME and INFO; PEXPIRETIME from"
                  + " 7.0 on; ASKING and CLUSTER SLOTS in a cluster",
              error);
      case "OOM" ->
          new Unavailable(
              "server is at its maxmemory: " + where,
              "key backups take as much memory as the keys; free some, or use snapshots of a"
                  + " repository",
              error);
      case "READONLY" ->
          new Unavailable(
              "server is a replica and takes no writes: " + where, "name its primary", error);
      case "MISCONF" ->
          new Unavailable(
              "server refuses writes: " + where + " reply=" + text, "see its log", error);
      case "LOADING" -> new Unavailable("server is loading its dataset: " + where, "wait", error);
      case "CLUSTERDOWN" ->
          new Unavailable(
              "cluster does not serve the key's slot: " + where,
              "bring its primary back, or restore to a key of another slot",
              error);
      case "TRYAGAIN" -> new Unavailable("slot is on the move: " + where, "try again", error);
      case "MOVED", "ASK" ->
          new Unavailable(
              "slot moves faster than it can be followed: " + where, "try again", error);
      case "BUSYKEY" -> new TargetRefused("key exists: " + where, "restore with replace");
      case "WRONGTYPE" ->
          new InvalidRequest(
              "what is there is no backup of a key: " + where, "use another backup key");
      default ->
          // The value's own checksum was right: the server does not know what it holds.
          text.contains("DUMP payload version or checksum") || text.contains("Bad data format")
              ? new UnsupportedFormat(
                  "server can't read what another version has dumped: " + where,
                  "restore it from a snapshot of a repository, which writes commands")
              : new Unavailable(
                  "server does not answer as it should: " + where + " reply=" + text,
                  "see its log",
                  error);
    };
  }
}
