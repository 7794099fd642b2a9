package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Slot;
import io.ringkeep.testkit.EngineException;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/// Appends the server's time to a list of a cluster until it is closed, wherever the list lies, and
/// notes what was acknowledged: so it can say of any restored list whether it may be so. Beside the
/// list, in its slot, the newest time lives for an hour from then on.
final class Counters implements AutoCloseable {
  private static final String APPEND =
      "local t=redis.call('TIME'); local n=string.format('%.0f', t[1]*1000000+t[2]);"
          + " redis.call('RPUSH', KEYS[1], n);"
          + " redis.call('SET', KEYS[2], n, 'PX', ARGV[1]); return n";

  private static final long LIVES_MILLIS = Duration.ofHours(1).toMillis();

  /// By how much the life of a key may become shorter when its server rounds what is left of it.
  private static final long ROUNDING_MILLIS = 10;

  /// How long before a primary died it may have acknowledged what its replica never had.
  private static final Duration UNREPLICATED = Duration.ofSeconds(10);

  private final TestCluster cluster;
  private final String key;
  private final List<Long> acknowledged = Collections.synchronizedList(new ArrayList<>());
  private final Thread thread;
  private final AtomicInteger interruptions = new AtomicInteger();
  private volatile boolean closed;

  // What the cluster has at the end, in the order in which it was written; empty before.
  private List<Long> kept = List.of();

  private Counters(TestCluster cluster, String key) {
    this.cluster = cluster;
    this.key = key;
    this.thread = Thread.ofVirtual().start(this::write);
  }

  /// To a list whose slot lies in a shard's share of so many at the start.
  ///
  /// @param edge whether it is one of the first 100 slots there, or none of them
  static Counters of(TestCluster cluster, int shard, int shards, boolean edge) {
    for (int i = 0; ; i++) {
      String key = "counters:" + i;
      int slot = slot(key);
      int first = (Slot.COUNT * shard + shards - 1) / shards;
      if (slot * shards / Slot.COUNT == shard && slot < first + 100 == edge) {
        return new Counters(cluster, key);
      }
    }
  }

  private static int slot(String key) {
    return Slot.of(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)));
  }

  private void write() {
    while (!closed) {
      try (Jedis client = cluster.owner(slot(key)).client()) {
        while (!closed) {
          String lives = Long.toString(LIVES_MILLIS);
          String time = Raw.text(Raw.call(client, "EVAL", APPEND, "2", key, living(), lives));
          acknowledged.add(Long.parseLong(time));
          Thread.sleep(1);
        }
      } catch (JedisException | EngineException e) {
        // The slot has another owner now, or none for a moment.
        interruptions.incrementAndGet();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private String living() {
    return "{" + key + "}:lives";
  }

  /// How many were acknowledged.
  int count() {
    return acknowledged.size();
  }

  /// Ends, and looks what there is.
  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kept = list(cluster.owner(slot(key)));
  }

  private List<Long> list(TestServer server) {
    return Raw.list(server.call("LRANGE", key, "0", "-1")).stream()
        .map(value -> Long.parseLong(Raw.text(value)))
        .toList();
  }

  /// What was acknowledged and is not there any more was lost when a primary died: its replica had
  /// not had it yet.
  ///
  /// @param deaths when primaries were killed
  void requireLossesNear(List<Instant> deaths) {
    for (long time : lost()) {
      assertThat(deaths)
          .as("%s lost %s", key, at(time))
          .anyMatch(
              death -> !at(time).isAfter(death) && at(time).isAfter(death.minus(UNREPLICATED)));
    }
  }

  private Set<Long> lost() {
    Set<Long> lost = new HashSet<>(acknowledged);
    kept.forEach(lost::remove);
    return lost;
  }

  /// That a target holds what it may hold at `asked`: nothing later, everything that was
  /// acknowledged earlier by more than `bound` and not lost, and no hole before its last. What
  /// lives for an hour does from its own time on, or, where a stream does not tell since when, from
  /// a later one by then.
  void requireMoment(TestServer target, Instant asked, Duration bound) {
    List<Long> there = list(target);
    String what = "%s at %s".formatted(key, asked);
    assertThat(there).as(what).isSorted().doesNotHaveDuplicates().isNotEmpty();
    long last = there.getLast();
    assertThat(at(last)).as(what).isBeforeOrEqualTo(asked);

    Set<Long> held = new HashSet<>(there);
    assertThat(kept).as(what).allMatch(time -> time > last || held.contains(time));
    Set<Long> lost = lost();
    assertThat(List.copyOf(acknowledged))
        .as(what)
        .allMatch(time ->
            held.contains(time) || lost.contains(time) || at(time).isAfter(asked.minus(bound)));

    // Whatever else there is was written, and the reply did not arrive.
    held.removeAll(acknowledged);
    kept.forEach(held::remove);
    assertThat(held).as(what).hasSizeLessThanOrEqualTo(interruptions.get());

    assertThat(target.text("GET", living())).as(what).isEqualTo(Long.toString(last));
    // Servers count in whole milliseconds.
    Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    Duration left = Duration.ofMillis(Raw.number(target.call("PTTL", living())));
    Instant after = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    assertThat(before.plus(left)).as(what).isBeforeOrEqualTo(asked.plusMillis(LIVES_MILLIS));
    assertThat(after.plus(left))
        .as(what)
        .isAfterOrEqualTo(at(last).plusMillis(LIVES_MILLIS - ROUNDING_MILLIS));
  }

  private static Instant at(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
