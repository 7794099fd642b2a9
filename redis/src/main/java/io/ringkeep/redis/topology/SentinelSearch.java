package io.ringkeep.redis.topology;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.Reply;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerError;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the Sentinels of a primary say: all of them, starting with those that are known.
///
/// Every Sentinel that answers is asked for the others. One may be reached under another address
/// than it announces (NAT, containers): it is the same if its id is. Before 6.2 a Sentinel does not
/// tell its id, so there addresses must do.
final class SentinelSearch {
  private final String name;
  private final ConnectionOptions options;
  private final List<Endpoint> sentinels = new ArrayList<>();
  private final List<Endpoint> primaries = new ArrayList<>();
  private final Set<Endpoint> replicas = new HashSet<>();
  private final Set<String> knownNames = new HashSet<>();
  private @Nullable BackupException failure;
  private boolean answered;

  private SentinelSearch(String name, ConnectionOptions options) {
    this.name = name;
    this.options = options;
  }

  /// Asks the known Sentinels, and those that they name, about the primary called `name`.
  ///
  /// @throws InvalidRequest if they answer and none knows the name
  /// @throws Unavailable if none answers
  static SentinelSearch ask(List<Endpoint> known, String name, ConnectionOptions options) {
    SentinelSearch search = new SentinelSearch(name, options);
    search.run(known);
    if (search.primaries.isEmpty()) {
      throw search.nothingFound(known);
    }
    return search;
  }

  /// All Sentinels: those that answered, and those that were named and did not.
  List<Endpoint> sentinels() {
    return List.copyOf(sentinels);
  }

  /// Where they say that the primary is; more than one while they disagree.
  List<Endpoint> primaries() {
    return List.copyOf(primaries);
  }

  /// Where they say that its replicas are.
  Set<Endpoint> replicas() {
    return Set.copyOf(replicas);
  }

  private void run(List<Endpoint> known) {
    Deque<Other> toAsk = new ArrayDeque<>();
    known.forEach(endpoint -> toAsk.add(new Other(endpoint, Optional.empty())));
    Set<String> seen = new HashSet<>();
    while (!toAsk.isEmpty()) {
      Other sentinel = toAsk.removeFirst();
      if (!seen.add(resolved(sentinel.endpoint))
          || sentinel.id.filter(seen::contains).isPresent()) {
        continue;
      }
      try (ServerConnection connection = ServerConnection.open(sentinel.endpoint, options)) {
        Optional<String> id = id(connection);
        if (id.isPresent() && !seen.add(id.get())) {
          continue; // reached under another address before
        }
        toAsk.addAll(listen(connection));
        answered = true;
      } catch (Unavailable e) {
        failure = e;
      } catch (ServerError e) {
        throw new InvalidRequest(
            "a server was given as a Sentinel: server=" + sentinel.endpoint + " reply=" + e.text(),
            "write redis://" + sentinel.endpoint + " for the server itself");
      }
      sentinels.add(sentinel.endpoint);
    }
  }

  private List<Other> listen(ServerConnection connection) {
    Object address = connection.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name);
    if (address == null) {
      for (Object monitored : connection.list("SENTINEL", "MASTERS")) {
        knownNames.add(Reply.textMap(monitored).getOrDefault("name", ""));
      }
      return List.of();
    }
    Endpoint primary = endpoint(Reply.list(address).get(0), Reply.list(address).get(1));
    if (!primaries.contains(primary)) {
      primaries.add(primary);
    }
    // `SLAVES` is the name before 5.0, and still understood.
    for (Object replica : connection.list("SENTINEL", "SLAVES", name)) {
      Map<String, String> fields = Reply.textMap(replica);
      replicas.add(endpoint(fields));
    }
    List<Other> others = new ArrayList<>();
    for (Object other : connection.list("SENTINEL", "SENTINELS", name)) {
      Map<String, String> fields = Reply.textMap(other);
      others.add(new Other(endpoint(fields), Optional.ofNullable(fields.get("runid"))));
    }
    return others;
  }

  private static Optional<String> id(ServerConnection connection) {
    try {
      return Optional.of(connection.text("SENTINEL", "MYID"));
    } catch (ServerError e) {
      return Optional.empty();
    }
  }

  private BackupException nothingFound(List<Endpoint> known) {
    if (!answered && failure != null) {
      return failure;
    }
    return new InvalidRequest(
        "Sentinels do not know this name: name=" + name + " sentinels=" + known,
        knownNames.isEmpty()
            ? "they monitor nothing"
            : "they know: " + String.join(", ", knownNames.stream().sorted().toList()));
  }

  private static Endpoint endpoint(Map<String, String> fields) {
    return new Endpoint(
        fields.getOrDefault("ip", ""), Integer.parseInt(fields.getOrDefault("port", "0")));
  }

  private static Endpoint endpoint(@Nullable Object host, @Nullable Object port) {
    return new Endpoint(Reply.text(host), Math.toIntExact(Reply.number(port)));
  }

  private static String resolved(Endpoint endpoint) {
    try {
      return InetAddress.getByName(endpoint.host()).getHostAddress() + ":" + endpoint.port();
    } catch (UnknownHostException e) {
      return endpoint.toString();
    }
  }

  private record Other(Endpoint endpoint, Optional<String> id) {}
}
