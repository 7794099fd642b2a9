package io.ringkeep.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Three Sentinels that watch one primary and agree by two; a server that is silent for a second is
/// down.
///
/// When [#watch] returns, each of them knows the other two and all replicas of the primary.
public final class TestSentinels implements AutoCloseable {
  private static final int COUNT = 3;
  private static final String QUORUM = "2";
  private static final String DOWN_AFTER_MILLIS = "1000";
  private static final String FAILOVER_TIMEOUT_MILLIS = "6000";

  private final List<TestServer> sentinels = new ArrayList<>();
  private final String name;
  private final Optional<String> password;

  private TestSentinels(String name, Optional<String> password) {
    this.name = name;
    this.password = password;
  }

  /// Starts Sentinels that watch `primary` under `name`.
  ///
  /// @param replicas how many replicas of it they have to find
  public static TestSentinels watch(String name, TestServer primary, int replicas) {
    return watch(new TestSentinels(name, Optional.empty()), primary, replicas);
  }

  /// As above; the Sentinels ask for a password of their own.
  public static TestSentinels watch(
      String name, TestServer primary, int replicas, String password) {
    return watch(new TestSentinels(name, Optional.of(password)), primary, replicas);
  }

  private static TestSentinels watch(TestSentinels group, TestServer primary, int replicas) {
    try {
      for (int i = 0; i < COUNT; i++) {
        group.sentinels.add(group.start(primary));
      }
      for (TestServer sentinel : group.sentinels) {
        sentinel.await(
            "the other Sentinels and " + replicas + " replicas",
            () -> group.knows(sentinel, replicas));
      }
      return group;
    } catch (RuntimeException e) {
      group.close();
      throw e;
    }
  }

  private TestServer start(TestServer primary) {
    TestServer.Builder builder =
        TestServer.sentinelBuilder(primary.engine())
            .config("sentinel", "monitor", name, primary.host(), "" + primary.port(), QUORUM)
            .config("sentinel", "down-after-milliseconds", name, DOWN_AFTER_MILLIS)
            .config("sentinel", "failover-timeout", name, FAILOVER_TIMEOUT_MILLIS)
            .config("sentinel", "parallel-syncs", name, "1");
    password.ifPresent(builder::password);
    primary.password().ifPresent(secret -> builder.config("sentinel", "auth-pass", name, secret));
    return builder.start();
  }

  private boolean knows(TestServer sentinel, int replicas) {
    Map<String, @Nullable Object> state = state(sentinel);
    return Raw.number(state.get("num-other-sentinels")) == COUNT - 1
        && Raw.number(state.get("num-slaves")) >= replicas
        && Raw.text(state.get("flags")).equals("master");
  }

  /// What a Sentinel says about the watched primary.
  public Map<String, @Nullable Object> state(TestServer sentinel) {
    return Raw.map(sentinel.call("SENTINEL", "MASTER", name));
  }

  /// The name under which the primary is watched.
  public String name() {
    return name;
  }

  public List<TestServer> sentinels() {
    return List.copyOf(sentinels);
  }

  /// The port of the server that a Sentinel holds for the primary.
  public int primaryPort(TestServer sentinel) {
    Object address = sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name);
    return Math.toIntExact(Raw.number(Raw.list(address).get(1)));
  }

  /// Waits until all Sentinels hold that server for the primary.
  public void awaitPrimary(TestServer server) {
    for (TestServer sentinel : sentinels) {
      sentinel.await("failover to " + server, () -> primaryPort(sentinel) == server.port());
    }
  }

  /// Such as `redis-sentinel://127.0.0.1:11001,127.0.0.1:11002,127.0.0.1:11003/orders`.
  public String uri() {
    return sentinels.stream()
        .map(TestServer::address)
        .collect(Collectors.joining(",", "redis-sentinel://", "/" + name));
  }

  /// Closes the Sentinels; the servers that they watch stay.
  @Override
  public void close() {
    sentinels.forEach(TestServer::close);
  }
}
