package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.redis.ServerFacts.FunctionLibrary;
import io.ringkeep.redis.ServerFacts.OutputBufferLimit;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ServerFactsIT {
  private static final String LIBRARY =
      "#!lua name=orders\nredis.register_function('total', function() return 7 end)";

  private static ServerFacts facts(TestServer server, ConnectionOptions options) {
    try (ServerConnection connection =
        ServerConnection.open(new Endpoint(server.host(), server.port()), options)) {
      return ServerFacts.of(connection);
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void of_everythingAllowed_knowsEveryFact(Engine engine) {
    try (TestServer server =
        TestServer.start(
            engine,
            "databases 7",
            "maxmemory 300000000",
            "proto-max-bulk-len 2000000",
            "min-replicas-to-write 0")) {
      server.call("CONFIG", "SET", "client-output-buffer-limit", "replica 9000000 8000000 50");
      if (engine.hasFunctions()) {
        server.call("FUNCTION", "LOAD", LIBRARY);
      }

      ServerFacts facts = facts(server, ConnectionOptions.DEFAULT);

      assertThat(facts.engine().toString()).endsWith(engine.version());
      assertThat(facts.clusterEnabled()).isFalse();
      assertThat(facts.databases()).hasValue(7);
      assertThat(facts.maxmemoryBytes()).hasValue(300_000_000);
      assertThat(facts.usedMemoryBytes().orElse(0)).isPositive();
      assertThat(facts.systemMemoryBytes().orElse(0)).isGreaterThan(300_000_000);
      assertThat(facts.longestArgumentBytes()).hasValue(2_000_000);
      assertThat(facts.replicaOutputBufferLimit())
          .contains(new OutputBufferLimit(9_000_000, 8_000_000, Duration.ofSeconds(50)));
      assertThat(facts.minReplicasToWrite()).hasValue(0);
      assertThat(facts.savingInBackground()).isFalse();
      assertThat(facts.functions().orElseThrow())
          .isEqualTo(
              engine.hasFunctions()
                  ? List.of(new FunctionLibrary("orders", "LUA", LIBRARY))
                  : List.of());
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void of_onlyInfoAllowed_knowsTheRestOnly(Engine engine) {
    try (TestServer server = TestServer.start(engine, "maxmemory 300000000")) {
      server.call("ACL", "SETUSER", "keeper", "on", ">open sesame", "+info");
      ConnectionOptions keeper =
          ConnectionOptions.DEFAULT
              .withUser(Optional.of("keeper"))
              .withPassword(Optional.of(Secret.of("open sesame")));

      ServerFacts facts = facts(server, keeper);

      assertThat(facts.maxmemoryBytes()).hasValue(300_000_000);
      assertThat(facts.databases()).isEmpty();
      assertThat(facts.functions().isPresent()).isEqualTo(!engine.hasFunctions());
    }
  }
}
