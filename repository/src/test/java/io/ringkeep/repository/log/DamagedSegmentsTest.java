package io.ringkeep.repository.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What of a log is there when segments of it are damaged.
class DamagedSegmentsTest extends LogFixture {
  /// Whoever stumbles on a damaged segment knows the rest of the log from then on.
  @Test
  void stretches_aSegmentIsDamaged_endBeforeItAndBeginBehindIt() throws IOException {
    try (LogWriter writer = begin(log(store))) {
      append(writer, 1_500, 2_000, 3_000, 4_000);
    }
    SegmentName first = new SegmentName("orders", "0", A, FIRST, 1_500);
    SegmentName third = new SegmentName("orders", "0", A, 2_000, 3_000);
    flip(first);
    flip(third);

    ShardLog log = log(store);
    Stretch behindFirst = log.stretches().getFirst();
    assertThat(behindFirst.hole()).contains("damaged", first.key());
    assertThatThrownBy(() -> read(log, behindFirst, 1_500)).isInstanceOf(CorruptData.class);

    List<Stretch> stretches = log.stretches();
    assertThat(stretches).extracting(Stretch::start).containsExactly(1_500L, 3_000L);
    assertThat(stretches).extracting(Stretch::end).containsExactly(2_000L, 4_000L);
    assertThat(log.holes(stretches)).hasSize(2).last().asString().contains(third.key());
    assertThat(read(log, stretches.get(0), 1_500)).isEqualTo(written(1_500, 2_000));
    assertThat(read(log, stretches.get(1), 3_000)).isEqualTo(written(3_000, 4_000));
    assertThat(log(store).verify().damages())
        .extracting(LogVerification.Damage::object)
        .containsExactlyInAnyOrder(first.key(), third.key());
  }

  @Test
  void append_overADamagedSegment_isRepeatedAndTakesItsPlace() throws IOException {
    try (LogWriter writer = begin(log(store))) {
      append(writer, 1_500, 2_000);
    }
    flip(new SegmentName("orders", "0", A, 1_500, 2_000));
    ShardLog log = log(store);
    Stretch damaged = log.stretches().getFirst();
    assertThatThrownBy(() -> log.end(damaged)).isInstanceOf(CorruptData.class);
    Stretch left = log.stretches().getFirst();
    assertThat(left.end()).isEqualTo(1_500);

    try (LogWriter writer = log.resume(log.end(left))) {
      assertThatThrownBy(() -> append(writer, 2_000))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("damaged segment lay there");
      append(writer, 2_000);
    }
    assertThat(log.isDamaged(log.stretches())).isFalse();
    assertThat(read(log, log.stretches().getFirst(), FIRST)).isEqualTo(written(FIRST, 2_000));
  }

  /// What comes again in other pieces makes the damaged one superfluous: nobody meets it any more.
  @Test
  void append_inOtherPiecesOverADamagedSegment_removesIt() throws IOException {
    try (LogWriter writer = begin(log(store))) {
      append(writer, 1_500, 2_000);
    }
    SegmentName damaged = new SegmentName("orders", "0", A, 1_500, 2_000);
    flip(damaged);
    ShardLog log = log(store);
    Stretch all = log.stretches().getFirst();
    assertThatThrownBy(() -> log.end(all)).isInstanceOf(CorruptData.class);
    try (LogWriter writer = log.resume(log.end(log.stretches().getFirst()))) {
      append(writer, 1_700);
      assertThat(store.size(damaged.key())).isPresent();
      append(writer, 2_000);
    }
    assertThat(store.size(damaged.key())).isEmpty();
    assertThat(read(log(store), log(store).stretches().getFirst(), FIRST))
        .isEqualTo(written(FIRST, 2_000));
  }

  /// What a writer has stored itself is its only copy, damaged or not: it stays to be mended.
  @Test
  void append_behindADamagedSegmentOfItsOwn_leavesIt() throws IOException {
    ShardLog log = log(store);
    SegmentName damaged = new SegmentName("orders", "0", A, 1_500, 2_000);
    try (LogWriter writer = begin(log)) {
      append(writer, 1_500, 2_000);
      flip(damaged);
      assertThatThrownBy(() -> log.segment(damaged)).isInstanceOf(CorruptData.class);
      append(writer, 3_000, 4_000);
    }
    assertThat(store.size(damaged.key())).isPresent();
    assertThat(log.isDamaged(log.stretches())).isTrue();
  }

  /// A damaged one that was left behind, and of which nobody knows any more, takes nobody's place.
  @Test
  void merge_aDamagedLeftOverLeadsAsFar_deletesNothingForIt() throws IOException {
    byte[] large = new byte[500_000];
    random.nextBytes(large);
    long end = 1_500L + large.length;
    long middle = 200_000;
    try (LogWriter writer = begin(log(store))) {
      append(writer, 1_500);
      writer.append(draft(end), Channels.newChannel(new ByteArrayInputStream(large)));
    }
    SegmentName leftOver = new SegmentName("orders", "0", A, 1_500, end);
    LogEnd before =
        log(store).end(new Stretch(log(store).stretches().getFirst().names().subList(0, 1), ""));
    try (LogWriter writer = log(store).resume(before)) {
      int first = (int) (middle - 1_500);
      writer.append(draft(middle), Channels.newChannel(new ByteArrayInputStream(large, 0, first)));
      writer.append(
          draft(end),
          Channels.newChannel(new ByteArrayInputStream(large, first, large.length - first)));
    }
    flip(leftOver);
    ShardLog log = log(store);
    assertThat(log.stretches().getFirst().names()).contains(leftOver);

    log.merge(/* undisturbed= */ true, NOW);
    log.merge(/* undisturbed= */ true, NOW.plusSeconds(1_000));

    assertThat(store.list("").stream().filter(object -> object.key().endsWith(".seg"))).hasSize(4);
    assertThat(log.stretches().getFirst().names()).hasSize(3).doesNotContain(leftOver);
    assertThat(read(log, log.stretches().getFirst(), middle))
        .isEqualTo(Arrays.copyOfRange(large, (int) (middle - 1_500), large.length));
  }

  /// Larger than what is sealed in one piece: its head is whole.
  @Test
  void read_bodyIsDamaged_isFoundThereAndCountsAsMissingThen() throws IOException {
    byte[] large = new byte[500_000];
    random.nextBytes(large);
    long end = 1_500L + large.length;
    try (LogWriter writer = begin(log(store))) {
      append(writer, 1_500);
      writer.append(draft(end), Channels.newChannel(new ByteArrayInputStream(large)));
      writer.append(draft(end + 10), Channels.newChannel(new ByteArrayInputStream(large, 0, 10)));
    }
    SegmentName damaged = new SegmentName("orders", "0", A, 1_500, end);
    flip(damaged);
    ShardLog log = log(store);
    assertThat(log.stretches()).hasSize(1);
    assertThat(log.marks(damaged)).hasSize(1);

    Stretch stretch = log.stretches().getFirst();
    assertThatThrownBy(() -> read(log, stretch, FIRST)).isInstanceOf(CorruptData.class);

    assertThat(log.stretches()).extracting(Stretch::end).containsExactly(1_500L, end + 10);
    assertThat(log.damageBetween(FIRST, 1_500)).isEmpty();
    assertThat(log.damageBetween(1_400, 1_600)).isPresent();
  }

  /// Segments that can be merged are, on either side of the damage.
  @Test
  void merge_overADamagedSegment_goesOnWithTheOthers() throws IOException {
    int many = 3 * LogMerge.FAN_IN;
    try (LogWriter writer = begin(log(store))) {
      for (long end = FIRST + 10; end <= FIRST + 10L * many; end += 10) {
        append(writer, end);
      }
    }
    flip(new SegmentName("orders", "0", A, FIRST + 500, FIRST + 510));
    ShardLog log = log(store);
    for (int round = 0; round < 5; round++) {
      log.merge(/* undisturbed= */ true, NOW);
    }

    List<Stretch> stretches = log.stretches();
    assertThat(stretches).hasSize(2);
    assertThat(stretches.getLast().segments()).isLessThan(many - 100);
    assertThat(read(log, stretches.getFirst(), FIRST)).isEqualTo(written(FIRST, FIRST + 500));
    assertThat(read(log, stretches.getLast(), FIRST + 510))
        .isEqualTo(written(FIRST + 510, FIRST + 10L * many));
  }

  /// A merged segment that was damaged is made anew of the small ones, as long as these are there.
  @Test
  void merge_whatWasMergedIsDamaged_isMadeAnewAndEnds() throws IOException {
    try (LogWriter writer = begin(log(store))) {
      for (long end = FIRST + 10; end <= FIRST + 10L * LogMerge.FAN_IN; end += 10) {
        append(writer, end);
      }
    }
    assertThat(log(store).merge(/* undisturbed= */ true, NOW)).isEqualTo(1);
    SegmentName merged = log(store).stretches().getFirst().names().getFirst();
    flip(merged);
    ShardLog log = log(store);
    assertThat(log.stretches().getFirst().segments()).isEqualTo(LogMerge.FAN_IN);

    assertThatThrownBy(() -> log.merge(/* undisturbed= */ true, NOW))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged merged segment was removed");
    assertThat(log.merge(/* undisturbed= */ true, NOW)).isEqualTo(1);
    assertThat(log.merge(/* undisturbed= */ true, NOW)).isZero();
    assertThat(log.stretches().getFirst().names()).containsExactly(merged);
    assertThat(read(log, log.stretches().getFirst(), FIRST))
        .isEqualTo(written(FIRST, FIRST + 10L * LogMerge.FAN_IN));
  }

  @Test
  void read_cutAtAnyByte_isDamage() throws IOException {
    String key = oneSegment();
    ByteBuffer whole = store.read(key);
    for (int length = 0; length < whole.limit(); length++) {
      store.put(key, whole.slice(0, length));
      assertDamaged();
    }
  }

  @Test
  void read_oneBitFlippedAnywhere_isDamage() throws IOException {
    String key = oneSegment();
    byte[] whole = new byte[store.read(key).limit()];
    store.read(key).get(whole);
    // The digest at the end is compared by who reads objects whole: 'verify'.
    for (int at = 0; at < whole.length - 32; at++) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      store.put(key, ByteBuffer.wrap(flipped));
      assertDamaged();
    }
  }

  private String oneSegment() throws IOException {
    try (LogWriter writer = begin(log(store))) {
      append(writer, 1_300);
    }
    return new SegmentName("orders", "0", A, FIRST, 1_300).key();
  }

  private void assertDamaged() throws IOException {
    ShardLog log = log(store);
    List<Stretch> stretches = log.stretches();
    // Without its head it counts as missing.
    if (!stretches.isEmpty()) {
      assertThatThrownBy(() -> read(log, stretches.getFirst(), FIRST))
          .isInstanceOf(CorruptData.class);
    }
    assertThat(log.damaged()).isEqualTo(1);
    assertThat(log.stretches()).isEmpty();
    assertThat(log.holes(List.of())).hasSize(1);
  }
}
