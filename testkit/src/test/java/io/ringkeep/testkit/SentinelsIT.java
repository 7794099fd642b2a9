package io.ringkeep.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SentinelsIT {
  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void kill_watchedPrimary_replicaTakesOver(Engine engine) {
    try (TestServer primary = TestServer.builder(engine).password("secret").start();
        TestServer replica =
            TestServer.builder(engine).password("secret").replicaOf(primary).start();
        TestSentinels sentinels = TestSentinels.watch("orders", primary, 1)) {
      sentinels.awaitPrimary(primary);
      primary.kill();
      sentinels.awaitPrimary(replica);
      assertThat(replica.info("replication")).containsEntry("role", "master");
      assertThat(sentinels.uri()).startsWith("redis-sentinel://127.0.0.1:").endsWith("/orders");
    }
  }
}
