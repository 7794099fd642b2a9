package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every shard of a cluster is archived, whoever its primary is and whatever it serves.
class ClusterArchiveIT {
  @TempDir Path spool;

  private static CacheHistory history(Story story) {
    try {
      return CacheHistory.of(story.repository(), "default");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean healthy(Story story) {
    return history(story).shards().size() > 0 && story.status().healthy();
  }

  @Test
  void failoverAndRestart_areFollowed_andStatusShowsWhatAllShare() throws Exception {
    try (TestCluster cluster =
            TestCluster.builder(Engines.redis70()).primaries(2).replicasOfEach(1).start();
        Story story = Story.inMemory()) {
      try (Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
        archiving.await("health", () -> healthy(story));
        assertThat(history(story).shards()).hasSize(2);
        archiving.await("a window of all", () -> story.status().common().size() == 1);

        TestServer owner = cluster.owner(0);
        TestServer replica = cluster.replicasOf(owner).getFirst();
        cluster.failOver(replica);
        replica.call("SET", "{06S}after", "failover"); // slot 0
        archiving.awaitCaughtUp(replica);
        archiving.await("health after the failover", () -> healthy(story));
        assertThat(history(story).shards()).hasSize(2);
        assertThat(history(story).shards())
            .allSatisfy(shard -> assertThat(shard.windows()).hasSize(1));
        archiving.await(
            "a slot map with the new primary",
            () ->
                history(story).maps().getLast().shards().stream()
                    .map(SlotMap.MappedShard::node)
                    .toList()
                    .contains(TestCluster.id(replica)));
      }
      assertThat(story.status().findings()).anyMatch(text -> text.contains("was stopped"));
      // Another run knows the shards again, though its own first look is the first after a
      // failover.
      try (Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
        archiving.await("health after a restart", () -> healthy(story));
        List<ShardHistory> shards = history(story).shards();
        assertThat(shards).hasSize(2);
        assertThat(shards).allSatisfy(shard -> assertThat(shard.windows()).hasSize(1));
      }
    }
  }
}
