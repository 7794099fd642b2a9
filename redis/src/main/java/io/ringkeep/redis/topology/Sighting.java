package io.ringkeep.redis.topology;

import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.ServerConnection;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// A server together with what it says about its neighbours. All from `INFO`, which every version
/// answers, also while it loads.
///
/// @param primary of a replica: where its primary is
/// @param replicas those connected to it, at the addresses they announce
/// @param mode `standalone`, `cluster` or `sentinel`
record Sighting(Server server, Optional<Endpoint> primary, List<Endpoint> replicas, String mode) {

  /// Connects and asks.
  static Sighting of(Endpoint endpoint, Optional<String> nodeId, ConnectionOptions options) {
    try (ServerConnection connection = ServerConnection.open(endpoint, options)) {
      return of(connection, nodeId);
    }
  }

  /// Asks.
  static Sighting of(ServerConnection connection, Optional<String> nodeId) {
    return parse(
        connection.endpoint(), nodeId, connection.info("server", "replication", "persistence"));
  }

  /// Reads the fields of the sections `server`, `replication` and `persistence`.
  static Sighting parse(Endpoint endpoint, Optional<String> nodeId, Map<String, String> info) {
    boolean replica = "slave".equals(info.get("role"));
    if (!replica && "1".equals(info.get("loading"))) {
      throw new Unavailable(
          "server is loading its dataset: server=" + endpoint, "wait until it has", null);
    }
    return new Sighting(
        new Server(
            endpoint,
            nodeId,
            replica ? Role.REPLICA : Role.PRIMARY,
            EngineVersion.parse(info),
            info.getOrDefault("run_id", ""),
            info.getOrDefault("master_replid", ""),
            Optional.ofNullable(info.get("master_replid2")).filter(id -> !id.matches("0*")),
            number(info, replica ? "slave_repl_offset" : "master_repl_offset"),
            !replica || "up".equals(info.get("master_link_status")),
            replica ? silence(info) : Duration.ZERO,
            backlogStart(info)),
        replica ? primary(info) : Optional.empty(),
        replicas(info),
        info.getOrDefault("redis_mode", info.getOrDefault("server_mode", "standalone")));
  }

  private static Optional<Endpoint> primary(Map<String, String> info) {
    String host = info.getOrDefault("master_host", "");
    long port = number(info, "master_port");
    return host.isEmpty() || port < 1
        ? Optional.empty()
        : Optional.of(new Endpoint(host, Math.toIntExact(port)));
  }

  /// How long a replica has heard nothing of its primary.
  private static Duration silence(Map<String, String> info) {
    boolean up = "up".equals(info.get("master_link_status"));
    long seconds =
        number(info, up ? "master_last_io_seconds_ago" : "master_link_down_since_seconds");
    return seconds < 0 ? ChronoUnit.FOREVER.getDuration() : Duration.ofSeconds(seconds);
  }

  /// From `slave0:ip=10.0.0.2,port=6379,state=online,…`. Readers that only look like replicas name
  /// no port that one could have: 0 as `redis-cli --rdb` does, or 65536 as we do during a capture.
  private static List<Endpoint> replicas(Map<String, String> info) {
    List<Endpoint> replicas = new ArrayList<>();
    for (Map.Entry<String, String> field : info.entrySet()) {
      if (field.getKey().matches("slave[0-9]+")) {
        String ip = "";
        int port = 0;
        for (String part : field.getValue().split(",", -1)) {
          if (part.startsWith("ip=")) {
            ip = part.substring("ip=".length());
          } else if (part.startsWith("port=")) {
            port = Integer.parseInt(part.substring("port=".length()));
          }
        }
        if (!ip.isEmpty() && port > 0 && port <= Endpoint.HIGHEST_PORT) {
          replicas.add(new Endpoint(ip, port));
        }
      }
    }
    return List.copyOf(replicas);
  }

  private static OptionalLong backlogStart(Map<String, String> info) {
    return "1".equals(info.get("repl_backlog_active"))
        ? OptionalLong.of(number(info, "repl_backlog_first_byte_offset"))
        : OptionalLong.empty();
  }

  private static long number(Map<String, String> info, String field) {
    String value = info.get(field);
    return value == null ? -1 : Long.parseLong(value);
  }
}
