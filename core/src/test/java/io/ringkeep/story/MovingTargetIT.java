package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Slot;
import io.ringkeep.restore.Conflict;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestoreOptions;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/// A cluster that is resharded while it is restored.
class MovingTargetIT {
  /// So many that two shards say that they are under way before they are done.
  private static final int KEYS = 10_000;

  private static final int SLOTS = 300;

  @Test
  void restore_whileSlotsMove_followsThem() throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(Engines.redis70())) {
      Dataset.of(11, 200).withDatabases(0).writeTo(source);
      fill(source);
      Contents before = Oracle.read(source);
      story.backup(source.uri());
      try (TestCluster cluster = cluster(2)) {
        Mover mover = Mover.whenHalfIsSent(() -> move(cluster, 0, 1));

        RestoreResult restored = restore(story, cluster, Existing.REFUSE, mover);

        mover.requireMoved();
        assertThat(mover.notes).anyMatch(note -> note.contains("follows them"));
        assertThat(restored.proven()).isTrue();
        assertThat(before.differences(Oracle.read(cluster))).isEmpty();
      }
    }
  }

  /// The third server serves no slot when the restore is planned.
  @Test
  void restore_whileAServerJoins_bringsItFunctionsToo() throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(Engines.redis70())) {
      fill(source);
      source.call(
          "FUNCTION",
          "LOAD",
          "#!lua name=rk\nredis.register_function('rk', function() return 1 end)");
      Contents before = Oracle.read(source);
      story.backup(source.uri());
      try (TestCluster cluster = cluster(3)) {
        Resharding.spread(cluster, 2);
        Mover mover = Mover.whenHalfIsSent(() -> move(cluster, 0, 2));

        RestoreResult restored = restore(story, cluster, Existing.REPLACE, mover);

        mover.requireMoved();
        assertThat(restored.proven()).isTrue();
        assertThat(cluster.servers().get(2).keys(0)).isPositive();
        assertThat(cluster.servers().get(2).text("FCALL", "rk", "0")).isEqualTo("1");
        assertThat(before.differences(Oracle.read(cluster))).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Conflict.class)
  void restore_intoLiveDataWhileSlotsMove_keepsWhatIsToStay(Conflict conflict) throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(Engines.redis70())) {
      fill(source);
      story.backup(source.uri());
      try (TestCluster cluster = cluster(2)) {
        set(cluster, "mine", "not in the snapshot");
        if (conflict != Conflict.FAIL) {
          set(cluster, "key:77", "live");
        }
        Mover mover = Mover.whenHalfIsSent(() -> move(cluster, 1, 0));

        RestoreResult restored = restore(story, cluster, Existing.MERGE, mover, conflict);

        mover.requireMoved();
        assertThat(restored.proven()).isTrue();
        assertThat(cluster.servers().stream().mapToLong(server -> server.keys(0)).sum())
            .isEqualTo(KEYS + 1);
        assertThat(owner(cluster, "mine").text("GET", "mine")).isEqualTo("not in the snapshot");
        assertThat(owner(cluster, "key:77").text("GET", "key:77"))
            .isEqualTo(conflict == Conflict.SKIP ? "live" : value(77));
      }
    }
  }

  /// Nothing was refused, but a server is not read back that holds a part by now.
  @Test
  void restore_whereSlotsMoveBeforeItIsReadBack_readsItAgain() throws Exception {
    try (Story story = Story.inMemory();
        TestServer source = TestServer.start(Engines.redis70())) {
      fill(source);
      story.backup(source.uri());
      try (TestCluster cluster = cluster(3)) {
        Resharding.spread(cluster, 2);
        Mover mover = Mover.whenReadBack(() -> move(cluster, 0, 2));

        RestoreResult restored = restore(story, cluster, Existing.REFUSE, mover);

        mover.requireMoved();
        assertThat(restored.proven()).isTrue();
        assertThat(cluster.primaries().stream().mapToLong(server -> server.keys(0)).sum())
            .isEqualTo(KEYS);
      }
    }
  }

  private static RestoreResult restore(
      Story story, TestCluster cluster, Existing existing, Mover mover) throws Exception {
    return restore(story, cluster, existing, mover, Conflict.REPLACE);
  }

  private static RestoreResult restore(
      Story story, TestCluster cluster, Existing existing, Mover mover, Conflict conflict)
      throws Exception {
    RestoreRequest request =
        Story.restoreRequest(cluster.uri(), existing, Loader.AUTO)
            .with(RestoreOptions.PLAIN.with(to -> to.conflict(conflict)));
    return Restore.run(
        Restore.plan(request, story.repository(), Story.CLOCK),
        story.repository(),
        Story.CLOCK,
        mover);
  }

  /// Of servers that stay primaries when they serve no slot any more.
  private static TestCluster cluster(int primaries) {
    return TestCluster.builder(Engines.redis70())
        .primaries(primaries)
        .servers(server -> server.config("cluster-allow-replica-migration", "no"))
        .start();
  }

  private static void fill(TestServer server) {
    try (Jedis jedis = server.client()) {
      Pipeline pipeline = jedis.pipelined();
      for (int i = 0; i < KEYS; i++) {
        pipeline.set("key:" + i, value(i));
        if (i % 10 == 0) {
          pipeline.expire("key:" + i, 100_000);
        }
      }
      pipeline.sync();
    }
  }

  private static String value(int key) {
    return "value of " + key;
  }

  private static void set(TestCluster cluster, String key, String value) {
    owner(cluster, key).call("SET", key, value);
  }

  private static TestServer owner(TestCluster cluster, String key) {
    return cluster.owner(Slot.of(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8))));
  }

  private static void move(TestCluster cluster, int from, int to) {
    Resharding.moveEdges(cluster, cluster.servers().get(from), cluster.servers().get(to), SLOTS);
  }

  /// Reshards once while a restore runs, which stands still meanwhile: when each shard was sent a
  /// part of its records, and is to be sent the others.
  private static final class Mover implements Progress {
    private final Runnable action;
    private final boolean whenReadBack;
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private boolean moved;

    private Mover(Runnable action, boolean whenReadBack) {
      this.action = action;
      this.whenReadBack = whenReadBack;
    }

    static Mover whenHalfIsSent(Runnable action) {
      return new Mover(action, /* whenReadBack= */ false);
    }

    static Mover whenReadBack(Runnable action) {
      return new Mover(action, /* whenReadBack= */ true);
    }

    synchronized void requireMoved() {
      assertThat(moved).isTrue();
    }

    private synchronized void move() {
      if (!moved) {
        moved = true;
        action.run();
      }
    }

    @Override
    public Task begin(String name, OptionalLong totalBytes) {
      if (whenReadBack && name.startsWith("reading back")) {
        move();
      }
      return new Task() {
        private volatile String phase = "";

        @Override
        public void phase(String now) {
          phase = now;
        }

        @Override
        public void advance(long bytes, long records) {
          if (!whenReadBack && phase.equals("sending")) {
            move();
          }
        }

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
