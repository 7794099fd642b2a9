package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringkeep.model.BackupException;
import io.ringkeep.restore.RestoreOptions;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Clusters in the middle of an upgrade: what each server is sent, it can load.
class MixedVersionsIT {
  static Stream<Arguments> pairs() {
    return Stream.of(
            Engines.redis80().map(newer -> Arguments.of(Engines.redis70(), newer)),
            Optional.of(Arguments.of(Engines.redis62(), Engines.redis70())))
        .flatMap(Optional::stream);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void restore_ofAClusterOfTwoVersions_ontoOneWhoseVersionsStandElsewhere_holdsTheSame(
      Engine older, Engine newer) throws Exception {
    try (Story story = Story.inMemory()) {
      Contents before;
      try (TestCluster source = TestCluster.builder(List.of(older, newer)).start()) {
        Dataset.of(31, 300).withoutFunctions().writeTo(source);
        before = Oracle.readPortable(source.primaries());
        assertThat(story.backup(source.uri()).manifest().shards()).hasSize(3);
      }
      try (TestCluster target = TestCluster.builder(List.of(newer, older)).start()) {
        RestoreResult restored =
            story.restore(
                Story.restoreRequest(target.uri())
                    .with(RestoreOptions.PLAIN.with(but -> but.dropUnsupported(true))));

        assertThat(restored.proven()).isTrue();
        assertThat(restored.plan().crossing().byCommands()).isPositive();
        assertThat(restored.plan().checks().toString())
            .contains(older.toString().replace("redis-", "Redis "))
            .contains(newer.toString().replace("redis-", "Redis "));
        assertThat(before.differences(Oracle.readPortable(target.primaries()))).isEmpty();
      }
    }
  }

  @Test
  void restore_whatOneServerCannotHold_isRefusedBeforeAnythingIsSent() throws Exception {
    assumeTrue(Engines.redis80().isPresent(), "needs a server whose hash fields can expire");
    Engine newer = Engines.redis80().orElseThrow();
    Engine older = Engines.redis70();
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(newer);
        TestCluster target = TestCluster.builder(List.of(newer, newer, older)).start()) {
      for (int i = 0; i < 30; i++) {
        source.text("HSET", "hash:" + i, "field", "value", "lasting", "value");
        source.call("HPEXPIRE", "hash:" + i, "9999999", "FIELDS", "1", "field");
      }
      story.backup(source.uri());

      BackupException.TargetRefused refused =
          catchThrowableOfType(
              BackupException.TargetRefused.class, () -> story.restore(target.uri()));

      assertThat(refused.exitCode()).isEqualTo(10);
      assertThat(refused).hasMessageContaining("time to live of single hash fields");
      for (TestServer server : target.servers()) {
        assertThat(server.keys(0)).isZero();
      }
    }
  }
}
