package io.ringkeep.redis.topology;

import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.Reply;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The addresses in a `CLUSTER SLOTS` reply: those that a cluster wants its clients to use.
///
/// ```
/// [first slot, last slot, [endpoint, port, id, …], [endpoint, port, id, …] …] …
/// ```
///
/// The endpoint is an address, or since 7.0 (`cluster-preferred-endpoint-type`) a host name, or
/// null: "the host that you asked", or `?`: a host name that was never set. Source:
/// `addNodeToNodeReply` in `cluster.c`.
final class ClusterSlots {
  private ClusterSlots() {}

  /// The endpoint of each server by its id, where the reply says one.
  static Map<String, Endpoint> endpoints(@Nullable Object reply, String askedHost) {
    Map<String, Endpoint> endpoints = new HashMap<>();
    for (Object range : Reply.list(reply)) {
      List<@Nullable Object> parts = Reply.list(range);
      for (Object part : parts.subList(2, parts.size())) {
        List<@Nullable Object> server = Reply.list(part);
        if (server.size() > 2) { // before 4.0 there was no id
          endpoint(server, askedHost)
              .ifPresent(endpoint -> endpoints.put(Reply.text(server.get(2)), endpoint));
        }
      }
    }
    return endpoints;
  }

  private static Optional<Endpoint> endpoint(List<@Nullable Object> server, String askedHost) {
    Object preferred = server.getFirst();
    String host = preferred == null ? askedHost : Reply.text(preferred);
    int port = Math.toIntExact(Reply.number(server.get(1)));
    return host.isEmpty() || host.equals("?") || port == 0
        ? Optional.empty()
        : Optional.of(new Endpoint(host, port));
  }
}
