package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.model.BackupException;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestoreOptions;
import io.ringkeep.restore.RestorePlan;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/// Keys that were used most come back first.
class HotFirstIT {
  private static final int KEYS = 2_000;
  private static final int HOT = 150;
  private static final int READS = 400;

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void restore_hotFirst_bringsTheKeysThatWereReadMostBeforeAnyOther(int primaries)
      throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(Engines.redis70(), "maxmemory-policy allkeys-lfu")) {
      fill(source);
      backUpPrimary(story, source);
      try (TestCluster cluster =
          TestCluster.builder(Engines.redis70())
              .primaries(primaries)
              .servers(server -> server.config("maxmemory-policy", "allkeys-lfu"))
              .start()) {
        Watcher watcher = new Watcher(cluster);

        RestorePlan plan = plan(story, cluster.uri(), 10);
        RestoreResult restored = Restore.run(plan, story.repository(), Story.CLOCK, watcher);

        assertThat(plan.hot().orElseThrow().keys()).isEqualTo(HOT);
        assertThat(plan.warnings()).noneMatch(warning -> warning.contains("hot"));
        assertThat(watcher.there).containsExactlyInAnyOrderElementsOf(hotNames());
        assertThat(watcher.notes).anyMatch(note -> note.contains("hottest"));
        assertThat(restored.proven()).isTrue();
        assertThat(restored.records()).isEqualTo(KEYS);
        assertThat(cluster.primaries().stream().mapToLong(server -> server.keys(0)).sum())
            .isEqualTo(KEYS);
      }
    }
  }

  @Test
  void restore_hotFirstFromAReplica_saysThatItIsNoise() throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(Engines.redis70(), "maxmemory-policy allkeys-lru");
        TestServer replica =
            TestServer.start(
                Engines.redis70(),
                "maxmemory-policy allkeys-lru",
                "replicaof 127.0.0.1 " + source.port());
        TestServer target = TestServer.start(Engines.redis70())) {
      fill(source);
      source.awaitReplicas(1);
      story.backup(replica.uri());

      RestorePlan plan = plan(story, target.uri(), 10);

      assertThat(plan.hot()).isPresent();
      assertThat(plan.loader()).isEqualTo(Loader.RESTORE);
      assertThat(plan.warnings()).anyMatch(warning -> warning.contains("noise"));
    }
  }

  @Test
  void restore_hotFirstOfWhatNobodyRecorded_saysSoAndRestoresAll() throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70())) {
      fill(source);
      backUpPrimary(story, source);
      source.text("SET", "key:1", "changed");
      backUpPrimary(story, source);

      RestorePlan plan = plan(story, target.uri(), 10);
      RestoreResult restored =
          Restore.run(plan, story.repository(), Story.CLOCK, Progress.silent());

      assertThat(plan.hot()).isEmpty();
      assertThat(plan.warnings()).anyMatch(warning -> warning.contains("not known"));
      assertThat(restored.proven()).isTrue();
      assertThat(target.keys(0)).isEqualTo(KEYS);
      assertThatThrownBy(() -> plan(story, target.uri(), 10, Loader.REPLICATION))
          .isInstanceOf(BackupException.InvalidRequest.class)
          .hasMessageContaining("--hot-first");
    }
  }

  private static List<String> hotNames() {
    return IntStream.range(0, HOT).mapToObj(i -> "key:" + i).toList();
  }

  /// The first [#HOT] keys are read often, the others never.
  private static void fill(TestServer server) {
    try (Jedis jedis = server.client()) {
      Pipeline pipeline = jedis.pipelined();
      for (int i = 0; i < KEYS; i++) {
        pipeline.set("key:" + i, "value of " + i);
      }
      pipeline.sync();
      String[] hot = hotNames().toArray(String[]::new);
      for (int i = 0; i < READS; i++) {
        pipeline.mget(hot);
      }
      pipeline.sync();
    }
  }

  private static void backUpPrimary(Story story, TestServer source) throws Exception {
    BackupRequest plain = story.request(source.uri());
    story.backup(
        new BackupRequest(
            plain.cache(),
            plain.source(),
            plain.connection(),
            SourcePolicy.PRIMARY,
            plain.maxLag(),
            plain.forksPerHost(),
            plain.limitBytesPerSecond(),
            plain.timeout(),
            plain.adopt(),
            plain.incremental()));
  }

  private static RestorePlan plan(Story story, String target, int percent) throws Exception {
    return plan(story, target, percent, Loader.AUTO);
  }

  private static RestorePlan plan(Story story, String target, int percent, Loader loader)
      throws Exception {
    RestoreRequest plain = Story.restoreRequest(target);
    return Restore.plan(
        new RestoreRequest(
                plain.cache(),
                plain.snapshot(),
                plain.target(),
                plain.connection(),
                plain.existing(),
                loader,
                plain.proof(),
                plain.advertise(),
                plain.timeout())
            .with(RestoreOptions.PLAIN.with(to -> to.hotPercent(percent))),
        story.repository(),
        Story.CLOCK);
  }

  /// Holds all shards back when the first of them goes on to the other keys, and looks what is
  /// there when all of them want to.
  private static final class Watcher implements Progress {
    private final TestCluster cluster;
    private final CyclicBarrier allHot;
    private final TreeSet<String> there = new TreeSet<>();
    private final List<String> notes = new CopyOnWriteArrayList<>();

    Watcher(TestCluster cluster) {
      this.cluster = cluster;
      this.allHot = new CyclicBarrier(cluster.primaries().size(), this::look);
    }

    private void look() {
      for (TestServer server : cluster.primaries()) {
        try (Jedis jedis = server.client()) {
          there.addAll(jedis.keys("*"));
        }
      }
    }

    @Override
    public Task begin(String name, OptionalLong totalBytes) {
      return new Task() {
        @Override
        public void phase(String now) {
          if (now.equals("sending")) {
            try {
              allHot.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
              throw new IllegalStateException(e);
            }
          }
        }

        @Override
        public void advance(long bytes, long records) {}

        @Override
        public void close() {}
      };
    }

    @Override
    public void note(String text) {
      notes.add(text);
    }
  }
}
