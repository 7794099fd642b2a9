package io.ringkeep.archive;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerError;
import io.ringkeep.redis.topology.Server;
import java.time.Duration;

/// Which caches can be archived.
final class Sources {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(5);

  private Sources() {}

  /// How an archive looks at servers: another one may have taken the place of one that hangs.
  static ConnectionOptions quickly(ConnectionOptions connection) {
    return connection.withTimeouts(
        shorter(connection.connectTimeout(), CONNECT_TIMEOUT),
        shorter(connection.commandTimeout(), REPLY_TIMEOUT));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /// @throws InvalidRequest if this one can't
  static void require(Server server, ConnectionOptions connection) {
    if (!server.engine().isAtLeast(6, 0)) {
      throw new InvalidRequest(
          "the stream of this version was never tried: server=%s engine=%s"
              .formatted(server.endpoint(), server.engine()),
          "back it up with 'backup'");
    }
    if (server.engine().tellsTimesToLive() && passesScriptsOn(server, connection)) {
      throw new InvalidRequest(
          "scripts are in the stream as they are, and replayed later they may do something else:"
              + " server="
              + server.endpoint(),
          "CONFIG SET lua-replicate-commands yes, which is the default, has what they did there");
    }
  }

  /// Since 7.0 no server does. One that does not let its settings be read is taken for one with the
  /// default.
  private static boolean passesScriptsOn(Server server, ConnectionOptions options) {
    try (ServerConnection connection = ServerConnection.open(server.endpoint(), options)) {
      return connection.textMap("CONFIG", "GET", "lua-replicate-commands").containsValue("no");
    } catch (AccessDenied | ServerError e) {
      return false;
    }
  }
}
