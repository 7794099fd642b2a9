package io.ringkeep.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.lookup.KeyHistory.Absent;
import io.ringkeep.lookup.KeyHistory.Version;
import io.ringkeep.lookup.LogHistory.Covered;
import io.ringkeep.lookup.LogHistory.Step;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.repository.log.SlotMap.MappedShard;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A slot that went from shard `a` to shard `b`, and what is told of a key of it.
class SlotTenureTest {
  private static final int SLOT = 7;

  /// Of `a` until second 100 at least, on its way until 200, of `b` from 300 on.
  private static final List<SlotMap> MAPS =
      List.of(
          map(0, 0, "0-16383", "", List.of()),
          map(100, 110, "0-16383", "", List.of(new SlotMap.Move("7", "a", "b"))),
          map(200, 300, "0-6,8-16383", "7", List.of()));

  private static Instant at(long second) {
    return Instant.ofEpochSecond(second);
  }

  private static SlotMap map(long since, long time, String a, String b, List<SlotMap.Move> moves) {
    List<MappedShard> shards =
        List.of(
            new MappedShard("a", "a", "a", List.of("a"), a),
            new MappedShard("b", "b", "b", List.of("b"), b));
    return new SlotMap(SlotMap.FORMAT, at(since), at(time), shards, moves);
  }

  /// A part of a shard's log from second 0 to 1,000.
  private static Covered covered(List<SlotMap> maps, String shard) {
    return new Covered(
        shard,
        "base",
        Optional.of(at(0)),
        Optional.of(at(1_000)),
        /* commands= */ 0,
        /* passed= */ 0,
        SlotTenure.of(maps, shard, SLOT));
  }

  @Test
  void log_ofAShard_tellsOfTheTimesWhenItHadTheSlotForCertain() {
    Covered a = covered(MAPS, "a");
    Covered b = covered(MAPS, "b");

    assertThat(a.tellsOf(at(50))).isTrue();
    assertThat(b.tellsOf(at(50))).isFalse();
    assertThat(a.tellsOf(at(150)) || b.tellsOf(at(150))).isFalse();
    assertThat(a.tellsOf(at(500))).isFalse();
    assertThat(b.tellsOf(at(500))).isTrue();
    assertThat(b.tellsOf(at(1_001))).isFalse();
    assertThat(covered(List.of(), "a").tellsOf(at(500))).isTrue();
  }

  private static Step gone(String shard, long second) {
    return new Step(
        Optional.of(at(second)), shard, second, "DEL key", new Absent(/* expired= */ false));
  }

  private static Step there(String shard, long second, String command) {
    return new Step(
        Optional.of(at(second)),
        shard,
        second,
        command,
        new Version(
            new Fingerprint(1, 2),
            RdbType.STRING,
            /* bytes= */ 1,
            /* elements= */ 1,
            Record.NO_EXPIRY,
            Optional.empty()));
  }

  @Test
  void steps_ofAMove_areLeftOutAndDeletionsStay() {
    Step deleted = gone("a", 10);
    Step left = gone("a", 150);
    Step arrived = there("b", 149, "RESTORE-ASKING key 0 …");
    Step later = gone("b", 500);

    assertThat(SlotTenure.withoutMoves(List.of(deleted, arrived, left, later)))
        .containsExactly(deleted, later);
    // What it came from is not known.
    assertThat(SlotTenure.withoutMoves(List.of(deleted, arrived, later)))
        .containsExactly(deleted, arrived, later);
    Step whole = there("b", 149, "CLUSTER SYNCSLOTS FINISH STATE SUCCESS NAME");
    assertThat(SlotTenure.withoutMoves(List.of(deleted, whole, left, later)))
        .containsExactly(deleted, later);
    Step restored = there("b", 149, "RESTORE key 0 …");
    assertThat(SlotTenure.withoutMoves(List.of(left, restored))).containsExactly(left, restored);
  }

  /// Where a slot goes as a whole it is deleted when it has arrived: what was deleted before, and
  /// written once more, was so by a client.
  @Test
  void steps_shortlyBeforeASlotArrivesAsAWhole_stay() {
    Step deleted = gone("a", 146);
    Step written = there("a", 147, "SET key value");
    Step arrived = there("b", 149, "CLUSTER SYNCSLOTS FINISH STATE SUCCESS NAME");
    Step left = gone("a", 154);

    assertThat(SlotTenure.withoutMoves(List.of(deleted, written, arrived, left)))
        .containsExactly(deleted, written);
    // Logs know times to about a second.
    assertThat(SlotTenure.withoutMoves(List.of(written, gone("a", 148), arrived)))
        .containsExactly(written);
  }
}
