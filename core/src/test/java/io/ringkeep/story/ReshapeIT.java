package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Login;
import io.ringkeep.redis.Secret;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestSentinels;
import io.ringkeep.testkit.TestServer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Any topology in, any topology out.
class ReshapeIT {
  private static final int RANDOM_KEYS = 300;

  static Stream<Engine> engines() {
    return Engines.few();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void restore_ofThreeShards_ontoFiveAndOntoOne_holdsTheSame(Engine engine) throws Exception {
    try (Story story = Story.inMemory()) {
      Contents before;
      try (TestCluster source = TestCluster.start(engine, 3)) {
        Dataset.of(4, RANDOM_KEYS).withoutFunctions().writeTo(source);
        before = Oracle.read(source);
        assertThat(story.backup(source.uri()).manifest().shards()).hasSize(3);
      }
      try (TestCluster five = TestCluster.start(engine, 5)) {
        RestoreResult restored = story.restore(five.uri());
        assertThat(restored.proven()).isTrue();
        assertThat(before.differences(Oracle.read(five))).isEmpty();
      }
      try (TestServer one = TestServer.start(engine)) {
        RestoreResult restored = story.restore(one.uri());
        assertThat(restored.plan().loader()).isEqualTo(Loader.REPLICATION);
        assertThat(restored.proven()).isTrue();
        assertThat(before.differences(Oracle.read(one))).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void restore_ofStandaloneDatabase0_ontoCluster_holdsTheSame(Engine engine) throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(engine);
        TestCluster target = TestCluster.start(engine, 3)) {
      Dataset.of(5, RANDOM_KEYS).withDatabases(0).writeTo(source);
      Contents before = Oracle.read(source);
      story.backup(source.uri());

      RestoreResult restored = story.restore(target.uri());

      assertThat(restored.proven()).isTrue();
      assertThat(before.differences(Oracle.read(target))).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void restore_ofPrimaryUnderThreeSentinels_causesNoFailover(Engine engine) throws Exception {
    try (Story story = Story.inMemory();
        TestServer primary = TestServer.start(engine);
        TestServer replica = TestServer.builder(engine).replicaOf(primary).start()) {
      Dataset.of(6, RANDOM_KEYS).writeTo(primary);
      primary.awaitReplicas(1);
      Contents before = Oracle.read(primary);
      try (TestSentinels sentinels = TestSentinels.watch("orders", primary, 1, "open sesame")) {
        ConnectionOptions connection =
            ConnectionOptions.DEFAULT.withSentinels(
                new Login(Optional.empty(), Optional.of(Secret.of("open sesame"))));
        story.backup(Story.as(connection, story.request(sentinels.uri())));
        primary.text("FLUSHALL");
        if (engine.hasFunctions()) {
          primary.text("FUNCTION", "FLUSH");
        }

        RestoreResult restored =
            story.restore(Story.as(connection, Story.restoreRequest(sentinels.uri())));

        assertThat(restored.proven()).isTrue();
        sentinels.awaitPrimary(primary);
        for (TestServer sentinel : sentinels.sentinels()) {
          assertThat(sentinels.state(sentinel).get("config-epoch")).isNotNull();
          assertThat(sentinels.primaryPort(sentinel)).isEqualTo(primary.port());
        }
        assertThat(primary.info("replication").get("role")).isEqualTo("master");
        replica.awaitLinkUp();
        assertThat(before.differences(Oracle.read(List.of(primary)))).isEmpty();
        assertThat(replica.keys(0)).isEqualTo(primary.keys(0));
      }
    }
  }

  @Test
  void restore_sentinelGoneBeforeItWatchesAgain_standsAndNamesIt() throws Exception {
    try (Story story = Story.inMemory();
        TestServer primary = TestServer.start(Engines.redis70());
        TestSentinels sentinels = TestSentinels.watch("orders", primary, 0)) {
      primary.text("SET", "k", "v");
      story.backup(sentinels.uri());
      primary.text("FLUSHALL");
      TestServer gone = sentinels.sentinels().getFirst();

      RestoreResult restored =
          Restore.run(
              Restore.plan(Story.restoreRequest(sentinels.uri()), story.repository(), Story.CLOCK),
              story.repository(),
              Story.CLOCK,
              new OnPhase("waiting until the target has loaded", gone::kill));

      assertThat(primary.text("GET", "k")).isEqualTo("v");
      assertThat(restored.proven()).isTrue();
      assertThat(restored.complete()).isFalse();
      assertThat(restored.notPutBack())
          .singleElement()
          .asString()
          .startsWith("Sentinels are still paused and will not fail over: name=orders")
          .contains("sentinels=[" + gone.address() + "]")
          .contains("SENTINEL SET orders down-after-milliseconds VALUE");
      for (TestServer sentinel : sentinels.sentinels().subList(1, 3)) {
        assertThat(sentinels.state(sentinel).get("down-after-milliseconds"))
            .isNotNull()
            .satisfies(millis -> assertThat(Raw.text(millis)).isEqualTo("1000"));
      }
    }
  }
}
