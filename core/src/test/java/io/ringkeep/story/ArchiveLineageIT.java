package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.archive.Archive;
import io.ringkeep.archive.ArchiveRequest;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an archive goes on with, and what becomes of what it does not go on with.
class ArchiveLineageIT {
  @TempDir Path spool;

  private static Optional<ShardHistory> history(Story story, String shard) {
    try {
      return ShardHistory.of(story.repository(), "default").stream()
          .filter(history -> history.log().shard().equals(shard))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean has(Story story, String shard, long offset) {
    return history(story, shard).stream()
        .flatMap(history -> history.windows().stream())
        .anyMatch(window -> window.stretch().end() >= offset);
  }

  /// Whether the repository knows the other shards as well.
  private static boolean hasMap(Story story) {
    try {
      return story.repository().slotMaps("default").last().isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void archive_ofAnotherServerUnderTheSameName_isRefusedUnlessAdopted() throws Exception {
    try (TestServer one = TestServer.start(Engines.redis70());
        TestServer other = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      try (Archiving archiving =
          Archiving.of(story, one.uri(), spool, 64 << 20, /* takeBase= */ false)) {
        archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
        one.call("SET", "k", "v");
        archiving.await("a log", () -> has(story, "0", 1));
      }
      ArchiveRequest foreign = Archiving.request(story, other.uri(), spool.resolve("other"));
      InvalidRequest refused =
          catchThrowableOfType(
              InvalidRequest.class,
              () -> Archive.run(foreign, story.repository(), Story.CLOCK, Progress.silent()));
      assertThat(refused).hasMessageContaining("cache=default");
      assertThat(refused.hint().orElseThrow()).contains("--adopt");

      ArchiveRequest adopting =
          new ArchiveRequest(
              Story.adopting(foreign.base()),
              foreign.spool(),
              foreign.spoolBytes(),
              foreign.fsyncEvery(),
              foreign.shipEvery(),
              foreign.segmentBytes(),
              foreign.takeBase(),
              foreign.synthetic());
      try (Archiving archiving = Archiving.of(story, adopting)) {
        archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
        other.call("SET", "k", "w");
        archiving.awaitCaughtUp(other);
      }
      // It is the cache's now.
      try (Archiving archiving = Archiving.of(story, other.uri(), spool.resolve("other"))) {
        archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
      }
    }
  }

  /// The repository was away, then the archiver, and meanwhile the shard was given up.
  @Test
  void spool_ofAShardThatIsGone_isStoredAllTheSame() throws Exception {
    AwayStore store = new AwayStore();
    try (TestCluster cluster =
            TestCluster.builder(Engines.redis70())
                .primaries(3)
                .servers(server -> server.config("cluster-allow-replica-migration", "no"))
                .start();
        Story story = Story.in(store)) {
      TestServer leaving = cluster.servers().get(2);
      String shard = TestCluster.id(leaving);
      long written;
      try (Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
        archiving.await(
            "a link",
            () -> archiving.notes().toString().contains("server=127.0.0.1:" + leaving.port()));
        leaving.call("SET", "{foo}", "stored"); // slot 12182
        archiving.await("a log", () -> has(story, shard, 1) && hasMap(story));
        store.away(true);
        leaving.call("SET", "{foo}", "on this host alone");
        written = Long.parseLong(leaving.info("replication").get("master_repl_offset"));
        leaving.awaitReplicas(1);
      }
      Resharding.spread(cluster, 2);
      cluster.servers().subList(0, 2).forEach(server -> server.call("CLUSTER", "FORGET", shard));
      leaving.kill();
      store.away(false);
      assertThat(has(story, shard, written)).isFalse();

      try (Archiving archiving = Archiving.of(story, cluster.uri(), spool)) {
        archiving.await("its log", () -> has(story, shard, written));
        archiving.await(
            "its end", () -> archiving.notes().toString().contains(shard + " is no more"));
        archiving.await("no spool of it", () -> spoolFiles(shard) == 0);
      }
    }
  }

  private long spoolFiles(String shard) {
    try (Stream<Path> files = Files.walk(spool)) {
      return files
          .filter(file -> file.toString().contains(shard) && file.toString().endsWith(".spool"))
          .count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
