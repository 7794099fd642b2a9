package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupResult;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.Slot;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/// A cluster that is resharded while it is backed up.
class MovingSlotsIT {
  private static final String KEY = "cart:42";

  /// Values of 1 MiB, more than may wait.
  private static final int MUCH = 70;

  @Test
  void backup_whileSlotMoves_takesBothSidesAndTheImportingOneWins() throws Exception {
    int slot = Slot.of(ByteBuffer.wrap(KEY.getBytes(StandardCharsets.UTF_8)));
    try (TestCluster cluster = TestCluster.start(Engines.redis70(), 3);
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      TestServer from = cluster.owner(slot);
      TestServer to =
          cluster.primaries().stream().filter(server -> server != from).findFirst().orElseThrow();
      try (Jedis source = from.client();
          Jedis importing = to.client()) {
        source.set(KEY, "before the move");
        source.set("{" + KEY + "}:stays", "still at home");
        String number = Integer.toString(slot);
        Raw.call(importing, "CLUSTER", "SETSLOT", number, "IMPORTING", TestCluster.id(from));
        Raw.call(source, "CLUSTER", "SETSLOT", number, "MIGRATING", TestCluster.id(to));
        Raw.call(importing, "ASKING");
        Raw.call(importing, "SET", KEY, "after the move");
      }

      BackupResult backup = story.backup(cluster.uri());
      story.restore(target.uri());

      assertThat(backup.manifest().records()).isEqualTo(2);
      assertThat(backup.warnings()).anyMatch(line -> line.contains(Integer.toString(slot)));
      assertThat(target.text("GET", KEY)).isEqualTo("after the move");
      assertThat(target.text("GET", "{" + KEY + "}:stays")).isEqualTo("still at home");
    }
  }

  /// However much the slots hold that Valkey 9 moves as a whole, nothing of it waits on the heap;
  /// and if they arrive between the reads of the two sides, all is read again.
  @Test
  void backup_whileMuchMovesAsAWhole_hasEachKeyOnce() throws Exception {
    Engine engine = Engines.valkey9().orElse(null);
    Assumptions.assumeTrue(engine != null);
    try (TestCluster cluster = TestCluster.builder(engine).primaries(2).replicasOfEach(1).start();
        Story story = Story.inMemory()) {
      TestServer from = cluster.owner(0);
      TestServer to = cluster.owner(16_383);
      for (TestServer server : cluster.servers()) {
        // So that a record takes what its value takes.
        server.call("CONFIG", "SET", "rdbcompression", "no");
      }
      for (int i = 0; i < MUCH; i++) {
        from.call("SETRANGE", "{06S}:" + i, Integer.toString((1 << 20) - 1), "x");
      }
      to.call("SET", "{foo}", "mine");

      hold(from, to);
      BackupResult during = story.backup(cluster.uri());
      assertThat(during.manifest().records()).isEqualTo(MUCH + 1);
      assertThat(during.warnings())
          .anyMatch(line -> line.startsWith("slots were being moved as a whole"))
          .noneMatch(line -> line.contains("missing"));
      assertThat(Backup.slotsWereMoving(during.manifest())).isTrue();

      assertThat(arrivingBetweenReads(story, cluster, from, to).manifest().records())
          .isEqualTo(MUCH + 1);
      hold(to, from);
      BackupResult back = arrivingBetweenReads(story, cluster, to, from);
      assertThat(back.manifest().records()).isEqualTo(MUCH + 1);
      assertThat(back.manifest().shards())
          .allSatisfy(shard ->
              assertThat(shard.contents().records())
                  .isEqualTo(shard.id().equals(TestCluster.id(from)) ? MUCH : 1));
    }
  }

  /// If a slot comes to a shard that has been read, from one that is read when it has gone, no read
  /// has its keys.
  @Test
  void backup_whileSlotGoesToAndFroAsAWhole_isRefused() throws Exception {
    Engine engine = Engines.valkey9().orElse(null);
    Assumptions.assumeTrue(engine != null);
    try (TestCluster cluster = TestCluster.builder(engine).primaries(2).start();
        Story story = Story.inMemory()) {
      TestServer first = cluster.owner(0);
      TestServer second = cluster.owner(16_383);
      String key =
          IntStream.range(0, Integer.MAX_VALUE)
              .mapToObj(Integer::toString)
              .filter(name -> slot(name) > 0 && slot(name) < 1000)
              .findFirst()
              .orElseThrow();
      first.call("SET", key, "here, whatever is going on");
      move(key, first, second);

      OnPhase movingBetweenReads =
          OnPhase.each(
              "writing",
              time -> {
                switch (time) {
                  case 1, 5 -> move(key, second, first);
                  case 3 -> move(key, first, second);
                  default -> {}
                }
              });
      assertThatThrownBy(() ->
              Backup.run(
                  Backup.plan(story.request(cluster.uri()), story.repository()),
                  story.repository(),
                  Story.CLOCK,
                  movingBetweenReads))
          .isInstanceOf(BackupException.Unavailable.class)
          .hasMessage("slots move faster than they can be read: slots=[%d]", slot(key));
      assertThat(story.backup(cluster.uri()).manifest().records()).isEqualTo(1);
    }
  }

  private static int slot(String key) {
    return Slot.of(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)));
  }

  private static void move(String key, TestServer from, TestServer to) {
    String slot = Integer.toString(slot(key));
    from.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", TestCluster.id(to));
    await(() ->
        state(from).equals("success")
            && Raw.number(from.call("CLUSTER", "COUNTKEYSINSLOT", slot)) == 0);
  }

  /// Begins to move slot 0, and stops when all of its keys have come.
  private static void hold(TestServer from, TestServer to) {
    from.call("DEBUG", "SLOTMIGRATION", "PREVENT-PAUSE", "1");
    from.call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", "0", "0", "NODE", TestCluster.id(to));
    await(() -> state(to).equals("waiting-for-paused"));
  }

  /// A backup that reads one side before the slot arrives and the other one afterwards.
  private static BackupResult arrivingBetweenReads(
      Story story, TestCluster cluster, TestServer from, TestServer to) throws Exception {
    OnPhase firstIsRead =
        new OnPhase(
            "writing",
            () -> {
              from.call("DEBUG", "SLOTMIGRATION", "PREVENT-PAUSE", "0");
              await(() ->
                  state(to).equals("success")
                      && Raw.number(from.call("CLUSTER", "COUNTKEYSINSLOT", "0")) == 0);
            });
    return Backup.run(
        Backup.plan(story.request(cluster.uri()), story.repository()),
        story.repository(),
        Story.CLOCK,
        firstIsRead);
  }

  private static String state(TestServer server) {
    List<Object> jobs = Raw.list(server.call("CLUSTER", "GETSLOTMIGRATIONS"));
    return jobs.isEmpty() ? "" : Raw.text(Raw.map(jobs.getFirst()).get("state"));
  }

  private static void await(BooleanSupplier reached) {
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!reached.getAsBoolean()) {
      assertThat(System.nanoTime()).as("patience").isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }
}
