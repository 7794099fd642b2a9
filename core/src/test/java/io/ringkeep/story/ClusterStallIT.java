package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestorePlan;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A restore does not keep a cluster's server from answering for so long that the others take it
/// for dead.
class ClusterStallIT {

  @Test
  void restore_ofLargeValues_sendsTablesInPiecesAndWarnsOfWhatGoesAtOnce() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestCluster cluster = TestCluster.start(Engines.redis70(), 1);
        Story story = Story.inMemory()) {
      // Alone it has nobody who could take it for dead.
      cluster.primaries().getFirst().text("CONFIG", "SET", "cluster-node-timeout", "400");
      source.text("CONFIG", "SET", "rdbcompression", "no");
      source.text("SETRANGE", "string", "5000000", "x");
      source.text("SET", "small", "1");
      story.backup(source.uri());
      RestorePlan withString =
          Restore.plan(Story.restoreRequest(cluster.uri()), story.repository(), Story.CLOCK);
      source.text("DEL", "string");
      source.call(
          "EVAL",
          "for i = 1, 40000 do redis.call('HSET', 'large', 'field:' .. i, 'value of some length '"
              + " .. i) end",
          "0");
      story.backup(source.uri());
      RestorePlan alone =
          Restore.plan(
              Story.restoreRequest(source.uri(), Existing.REPLACE, Loader.RESTORE),
              story.repository(),
              Story.CLOCK);
      RestorePlan merge =
          Restore.plan(
              Story.restoreRequest(cluster.uri(), Existing.MERGE, Loader.AUTO),
              story.repository(),
              Story.CLOCK);

      RestoreResult restored = story.restore(cluster.uri());

      assertThat(withString.warnings()).anyMatch(line -> line.contains("cluster-node-timeout=400"));
      assertThat(withString.crossing().byCommands()).isZero();
      assertThat(alone.crossing().byCommands()).isZero();
      assertThat(restored.plan().crossing().byCommands()).isEqualTo(1);
      assertThat(restored.warnings()).noneMatch(line -> line.contains("cluster-node-timeout"));
      // It would be read back by DUMP, which takes as long.
      assertThat(merge.warnings()).anyMatch(line -> line.contains("cluster-node-timeout"));
      assertThat(restored.proven()).isTrue();
      assertThat(
              Oracle.readPortable(List.of(source))
                  .differences(Oracle.readPortable(cluster.primaries())))
          .isEmpty();
    }
  }
}
