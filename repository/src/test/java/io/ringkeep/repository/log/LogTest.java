package io.ringkeep.repository.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.repository.FailingStore;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A shard's log in a store: what was appended comes back, or is said to be missing.
class LogTest extends LogFixture {
  @Test
  void append_severalSegments_areReadAsOneStretchFromAnySegmentOn() throws IOException {
    try (LogWriter writer = begin(log(store))) {
      append(writer, 1_300, 1_301, 4_000, 6_000);
    }
    Stretch stretch = log(store).stretches().getFirst();

    assertThat(log(store).stretches()).hasSize(1);
    assertThat(stretch.start()).isEqualTo(FIRST);
    assertThat(stretch.end()).isEqualTo(6_000);
    assertThat(stretch.hole()).isEmpty();
    assertThat(read(log(store), stretch, FIRST)).isEqualTo(written(FIRST, 6_000));
    StretchReader middle = log(store).read(stretch, 3_999);
    assertThat(middle.start()).isEqualTo(1_301);
    assertThat(middle.state()).isEqualTo(draft(1_301).after());
    assertThat(middle.segment().marks()).isEqualTo(draft(4_000).marks());
    assertThat(read(log(store), stretch, 4_000)).isEqualTo(written(4_000, 6_000));
  }

  @Test
  void resume_afterARestart_continuesTheChain() throws IOException {
    try (LogWriter writer = begin(log(store))) {
      append(writer, 1_300, 2_000);
    }
    ShardLog log = log(store);
    try (LogWriter writer = log.resume(log.end(log.stretches().getFirst()))) {
      assertThat(writer.end().state()).isEqualTo(draft(2_000).after());
      append(writer, 3_000);
    }

    assertThat(read(log, log.stretches().getFirst(), FIRST)).isEqualTo(written(FIRST, 3_000));
  }

  @Test
  void continueAs_afterAFailover_joinsHistoriesAndLeavesTheOldBranchAside() throws IOException {
    ShardLog log = log(store);
    try (LogWriter old = begin(log)) {
      append(old, 1_500, 2_000);
      LogEnd fork = log.end(log.stretches().getFirst());
      append(old, 2_500);
      try (LogWriter promoted = log.resume(fork)) {
        promoted.continueAs(B);
        append(promoted, 2_300, 4_000);
      }
    }

    List<Stretch> stretches = log.stretches();
    assertThat(stretches).extracting(Stretch::end).containsExactlyInAnyOrder(2_500L, 4_000L);
    Stretch promoted = holding(stretches, B, 3_000);
    assertThat(promoted.replids()).containsExactly(A, B);
    assertThat(read(log, promoted, FIRST)).isEqualTo(written(FIRST, 4_000));
    assertThat(promoted.holds(A, 2_000)).isTrue();
    assertThat(promoted.holds(A, 2_001)).isFalse();
    assertThat(promoted.holds(B, 4_001)).isFalse();
    assertThat(holding(stretches, A, 2_400).end()).isEqualTo(2_500);
  }

  private static Stretch holding(List<Stretch> stretches, String replid, long offset) {
    return stretches.stream()
        .filter(stretch -> stretch.holds(replid, offset))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void stretches_aSegmentIsMissing_endBeforeItAndBeginBehindIt() throws IOException {
    try (LogWriter writer = begin(log(store))) {
      append(writer, 1_500, 2_000, 3_000);
    }
    store.delete(new SegmentName("orders", "0", A, 1_500, 2_000).key());

    List<Stretch> stretches = log(store).stretches();
    assertThat(stretches).extracting(Stretch::end).containsExactly(1_500L, 3_000L);
    assertThat(stretches.get(1).hole()).contains("missing").contains("2000");
    assertThat(read(log(store), stretches.get(0), FIRST)).isEqualTo(written(FIRST, 1_500));
    assertThat(read(log(store), stretches.get(1), 2_000)).isEqualTo(written(2_000, 3_000));
  }

  @Test
  void stretches_segmentsOverlap_takeThoseThatLeadFurthest() throws IOException {
    ShardLog log = log(store);
    try (LogWriter paused = begin(log);
        LogWriter leader = begin(log)) {
      append(leader, 1_500, 2_000, 3_000);
      append(paused, 1_700);
    }

    assertThat(log.stretches()).hasSize(1);
    assertThat(read(log, log.stretches().getFirst(), FIRST)).isEqualTo(written(FIRST, 3_000));
  }

  @Test
  void append_sameSegmentTwice_isComparedAndAnotherOneRefused() throws IOException {
    ShardLog log = log(store);
    try (LogWriter one = begin(log);
        LogWriter other = begin(log);
        LogWriter foreign = begin(log)) {
      append(one, 1_500);
      append(other, 1_500);
      assertThat(other.end()).isEqualTo(one.end());
      assertThatThrownBy(() -> foreign.append(draft(1_500), bytes(1_100, 1_600)))
          .isInstanceOf(CorruptData.class)
          .hasMessageContaining("another segment");
    }
  }

  @Test
  void read_aSegmentOfAnotherLineage_doesNotFollow() throws IOException {
    ShardLog log = log(store);
    try (LogWriter one = begin(log)) {
      append(one, 1_500, 2_000);
    }
    String second = new SegmentName("orders", "0", A, 1_500, 2_000).key();
    ByteBuffer kept = store.read(second);
    for (ObjectInfo object : store.list("")) {
      store.delete(object.key());
    }
    try (LogWriter other = begin(log)) {
      other.append(draft(1_500), bytes(1_100, 1_600));
    }
    store.put(second, kept);

    assertThatThrownBy(() -> read(log, log.stretches().getFirst(), FIRST))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("does not follow");
  }

  /// Small segments become large ones, which read and go on as the small ones did; these go when
  /// nobody can be reading them any more. A log that was merged for ever would have heads that
  /// nobody reads any more.
  @Test
  void merge_whatWasMergedTwiceOrHasManyMarks_staysAsItIs() throws IOException {
    int twice = LogMerge.FAN_IN * LogMerge.FAN_IN;
    store(A, twice, 0);
    assertThat(log(store).merge(/* undisturbed= */ true, NOW)).isZero();
    store(B, 1, 10_000);
    assertThat(log(store).merge(/* undisturbed= */ true, NOW)).isZero();
    assertThat(log(store).stretches()).hasSize(2);
  }

  /// Stores heads of segments, as many as are merged.
  private void store(String replid, int links, int marks) throws IOException {
    SealedObjects objects =
        new SealedObjects(store, "0".repeat(32), Encryption.NONE, Optional.empty(), new Random(1));
    for (int i = 0; i < LogMerge.FAN_IN; i++) {
      long start = FIRST + (long) i * links;
      long end = start + links;
      Segment segment =
          new Segment(
              replid,
              start,
              end,
              StreamState.INITIAL,
              StreamState.INITIAL,
              i == 0 ? Optional.empty() : Optional.of(replid),
              SegmentFormat.NO_CHAIN,
              NOW,
              NOW,
              "Redis 7.0.15",
              LongStream.rangeClosed(start + 1, end).boxed().toList(),
              Collections.nCopies(marks, new Mark(Mark.Kind.SAMPLE, end, end * 1_000, 0, "run")));
      objects.write(
          new SegmentName("orders", "0", replid, start, end).key(),
          ObjectKind.LOG_SEGMENT,
          SegmentFormat.encode(segment));
    }
  }

  /// Stretches are put in order by when they were captured: the archiver's clock may have been
  /// ahead when the first one was, and was set right since.
  @Test
  void stretch_behindAGap_isTheLastOneWhateverTheClockSays() throws IOException {
    try (LogWriter first = begin(log(store))) {
      append(first, 5_000);
    }
    try (LogWriter second = log(store).beginBehind(B, FIRST, StreamState.INITIAL)) {
      append(second, 1_100, 1_200);
    }
    List<Stretch> stretches = log(store).stretches();
    assertThat(stretches.stream().map(Stretch::replid)).containsExactly(A, B);
    Segment begun = log(store).segment(stretches.getLast().names().getFirst());
    assertThat(begun.capturedFrom()).isAfter(draft(5_000).capturedUntil());
    assertThat(begun.capturedUntil()).isAfterOrEqualTo(begun.capturedFrom());
  }

  @Test
  void merge_manySmallSegments_readsTheSameAndDeletesThemLater() throws IOException {
    ShardLog log = log(store);
    try (LogWriter writer = begin(log)) {
      for (long end = FIRST + 10; end <= FIRST + 10 * 200; end += 10) {
        append(writer, end);
      }
      List<Mark> marks = marks(log);
      assertThat(log.merge(/* undisturbed= */ true, NOW)).isEqualTo(1);
      while (log.merge(/* undisturbed= */ true, NOW) > 0) {
        // One at a time.
      }
      assertThat(log.stretches()).hasSize(1);
      Stretch stretch = log.stretches().getFirst();
      assertThat(stretch.segments()).isEqualTo(3 + 200 - 3 * LogMerge.FAN_IN);
      assertThat(read(log, stretch, FIRST)).isEqualTo(written(FIRST, FIRST + 2_000));
      assertThat(marks(log)).isEqualTo(marks);
      assertThat(log.end(stretch)).isEqualTo(writer.end());
      append(writer, FIRST + 2_500);

      log.merge(/* undisturbed= */ false, NOW.plusSeconds(1_000));
      assertThat(store.list("")).hasSize(201 + 3);
      log.merge(/* undisturbed= */ true, NOW.plusSeconds(1_000));
      assertThat(store.list("")).hasSize(201 + 3 - 3 * LogMerge.FAN_IN);
      assertThat(read(log, log.stretches().getFirst(), FIRST))
          .isEqualTo(written(FIRST, FIRST + 2_500));
    }
  }

  private static List<Mark> marks(ShardLog log) throws IOException {
    List<Mark> marks = new ArrayList<>();
    for (SegmentName name : log.stretches().getFirst().names()) {
      marks.addAll(log.segment(name).marks());
    }
    return marks;
  }

  @Test
  void declare_aGap_isListed() throws IOException {
    Gap gap = new Gap(Gap.FORMAT, NOW, Gap.Reason.SPOOL_FULL, A, 2_000, A, 2_500);
    log(store).declare(gap);
    assertThat(log(store).contents().gaps()).containsExactly(gap);
    assertThat(ShardLog.shards(store, "orders")).containsExactly("0");
  }

  /// The archiver dies at each of its calls to the store, and another one goes on.
  @ParameterizedTest
  @EnumSource
  void append_killedAtAnyCall_leavesAPrefixAndTheNextOneGoesOn(FailingStore.LastCall last)
      throws IOException {
    long[] ends = {1_400, 1_500, 4_500};
    int crashes = 0;
    for (int calls = 1; ; calls++) {
      MemoryStore victim = new MemoryStore();
      FailingStore failing = new FailingStore(victim, calls, last, /* forEver= */ true);
      List<Long> acknowledged = new ArrayList<>();
      try (LogWriter writer = begin(log(failing))) {
        for (long end : ends) {
          append(writer, end);
          acknowledged.add(end);
        }
      } catch (IOException e) {
        crashes++;
      }
      ShardLog log = log(victim);
      List<Stretch> left = log.stretches();
      long reached = left.isEmpty() ? FIRST : left.getFirst().end();
      assertThat(reached).isGreaterThanOrEqualTo(acknowledged.stream().reduce(FIRST, Long::max));
      assertThat(reached).isIn(FIRST, 1_400L, 1_500L, 4_500L);
      try (LogWriter writer = left.isEmpty() ? begin(log) : log.resume(log.end(left.getFirst()))) {
        append(writer, reached + 100, 5_500);
      }
      assertThat(log.stretches()).hasSize(1);
      assertThat(read(log, log.stretches().getFirst(), FIRST)).isEqualTo(written(FIRST, 5_500));
      if (!failing.failed()) {
        break;
      }
    }
    assertThat(crashes).isGreaterThan(10);
  }

  /// One call fails, and the archiver makes it again.
  @ParameterizedTest
  @EnumSource
  void append_oneCallFails_isRepeated(FailingStore.LastCall last) throws IOException {
    boolean failed = true;
    for (int calls = 1; failed; calls++) {
      MemoryStore victim = new MemoryStore();
      FailingStore failing = new FailingStore(victim, calls, last, /* forEver= */ false);
      try (LogWriter writer = begin(log(failing))) {
        for (long end : new long[] {1_400, 1_500, 4_500}) {
          try {
            append(writer, end);
          } catch (IOException e) {
            append(writer, end);
          }
        }
      }
      assertThat(log(victim).stretches()).hasSize(1);
      assertThat(read(log(victim), log(victim).stretches().getFirst(), FIRST))
          .isEqualTo(written(FIRST, 4_500));
      failed = failing.failed();
    }
  }

  @Test
  void decode_damagedHeadUnderAGoodSeal_isRefused() throws IOException {
    Segment segment =
        new Segment(
            A,
            10,
            20,
            StreamState.INITIAL,
            StreamState.INITIAL,
            Optional.empty(),
            SegmentFormat.NO_CHAIN,
            NOW,
            NOW,
            "Valkey 9.1.2",
            List.of(12L, 20L),
            List.of(new Mark(Mark.Kind.ARRIVAL, 15, 1, 1, "r")));
    SegmentName name = new SegmentName("orders", "0", A, 10, 20);
    ByteBuffer head = SegmentFormat.encode(segment);
    assertThat(SegmentFormat.decode(name, head.duplicate())).isEqualTo(segment);
    for (int length = SegmentFormat.PREFIX_BYTES; length < head.limit(); length++) {
      ByteBuffer cut = head.duplicate().limit(length);
      assertThatThrownBy(() -> SegmentFormat.decode(name, cut)).isInstanceOf(CorruptData.class);
    }
    ByteBuffer future =
        ByteBuffer.allocate(head.limit()).put(head.duplicate()).putShort(4, (short) 2);
    assertThatThrownBy(() -> SegmentFormat.headBytes("name", future))
        .hasMessageContaining("format=2");
  }
}
