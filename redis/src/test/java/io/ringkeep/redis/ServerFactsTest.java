package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.redis.ServerFacts.Module;
import io.ringkeep.redis.ServerFacts.OutputBufferLimit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServerFactsTest {
  private static ServerFacts facts(Map<String, String> info, Map<String, String> config) {
    return new ServerFacts(
        new Endpoint("cache", 6379),
        EngineVersion.parse(EngineVersion.Product.REDIS, "7.0.15"),
        info,
        config,
        List.of(),
        Optional.empty());
  }

  @Test
  void replicaOutputBufferLimit_configured_isReadFromAmongTheOthers() {
    assertThat(
            facts(
                    Map.of(),
                    Map.of(
                        "client-output-buffer-limit",
                        "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"))
                .replicaOutputBufferLimit())
        .contains(new OutputBufferLimit(268_435_456, 67_108_864, Duration.ofSeconds(60)));
  }

  @Test
  void facts_configDenied_comeFromInfoWhereItHasThem() {
    ServerFacts facts = facts(Map.of("maxmemory", "1000"), Map.of());

    assertThat(facts.maxmemoryBytes()).hasValue(1000);
    assertThat(facts.databases()).isEmpty();
    assertThat(facts.replicaOutputBufferLimit()).isEmpty();
    assertThat(facts.longestArgumentBytes()).isEmpty();
    assertThat(facts.clusterNodeTimeout()).isEmpty();
  }

  @Test
  void modules_section_listsEachWithItsVersion() {
    assertThat(
            ServerFacts.modules(
                """
                # Modules
                module:name=ReJSON,ver=20604,api=1,filters=0,usedby=[search],using=[],options=[]
                module:name=vectorset,ver=1,api=1,filters=0,usedby=[],using=[],options=[]
                """))
        .containsExactly(new Module("ReJSON", 20604), new Module("vectorset", 1));
  }
}
