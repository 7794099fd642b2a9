package io.ringkeep.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Says what servers hold, by their own words and none of the product's code: `DEBUG DIGEST-VALUE`
/// of each key, its absolute expiry, the expiries of its fields, `XINFO STREAM FULL`, function
/// libraries, and for a single server `DEBUG DIGEST`.
///
/// What depends on when one looks is left out: seen, active and idle times of a stream's consumers.
/// Nobody may write meanwhile. Works on a primary as on a replica that stands alone.
public final class Oracle {
  private final boolean exact;
  private final SortedMap<Contents.Name, Contents.Facts> keys = new TreeMap<>();

  private Oracle(boolean exact) {
    this.exact = exact;
  }

  /// All that one server holds, to be compared with servers of the same version.
  public static Contents read(TestServer server) {
    return new Oracle(/* exact= */ true).readAll(List.of(server));
  }

  /// All that a cluster's primaries hold, to be compared with servers of the same version.
  public static Contents read(TestCluster cluster) {
    return new Oracle(/* exact= */ true).readAll(cluster.primaries());
  }

  /// All that these servers hold together, to be compared with servers of the same version.
  public static Contents read(List<TestServer> servers) {
    return new Oracle(/* exact= */ true).readAll(servers);
  }

  /// All that these servers hold together, as far as every version knows of it and says it the same
  /// way: without streams' counters and functions.
  public static Contents readPortable(List<TestServer> servers) {
    return new Oracle(/* exact= */ false).readAll(servers);
  }

  private Contents readAll(List<TestServer> servers) {
    for (TestServer server : servers) {
      new ServerReader(server, exact)
          .read()
          .forEach((name, facts) -> keys.merge(name, facts, Oracle::heldTwice));
    }
    return new Contents(keys, exact ? functions(servers) : new TreeMap<>(), wholeDigest(servers));
  }

  private Optional<String> wholeDigest(List<TestServer> servers) {
    if (!exact || servers.size() != 1) {
      return Optional.empty();
    }
    TestServer server = servers.getFirst();
    String digest = "DEBUG DIGEST " + server.text("DEBUG", "DIGEST");
    // The order of several libraries in a dump is the server's whim.
    return Optional.of(
        server.engine().hasFunctions() && Raw.list(server.call("FUNCTION", "LIST")).size() == 1
            ? digest + " FUNCTION DUMP " + Raw.describe(server.call("FUNCTION", "DUMP"))
            : digest);
  }

  private static SortedMap<String, String> functions(List<TestServer> servers) {
    SortedMap<String, List<String>> codes = new TreeMap<>();
    for (TestServer server : servers) {
      if (server.engine().hasFunctions()) {
        for (@Nullable Object library : Raw.list(server.call("FUNCTION", "LIST", "WITHCODE"))) {
          Map<String, @Nullable Object> fields = Raw.map(library);
          codes
              .computeIfAbsent(Raw.text(fields.get("library_name")), _ -> new ArrayList<>())
              .add(Raw.text(fields.get("library_code")));
        }
      }
    }
    SortedMap<String, String> functions = new TreeMap<>();
    codes.forEach((name, found) ->
        functions.put(
            name,
            found.size() == servers.size() && Set.copyOf(found).size() == 1
                ? found.getFirst()
                : "not the same on all servers: " + found));
    return functions;
  }

  /// Two servers may not both hold a key.
  private static Contents.Facts heldTwice(Contents.Facts one, Contents.Facts other) {
    return new Contents.Facts(
        one.type(), one.digest(), one.expiryMillis(), "held by two servers: " + other);
  }
}
