package io.ringkeep.repository.log;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.json.Json;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.memory.MemoryStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The beginning of a log is forgotten, and deleted later.
class LogStartTest {
  private static final String A = "a".repeat(40);
  private static final String B = "b".repeat(40);
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
  private static final Duration GRACE = Duration.ofHours(1);
  private static final int SEGMENT = 100;

  private final MemoryStore store = new MemoryStore();

  private static ShardLog log(ObjectStore in) {
    return new ShardLog(in, objects(in), "orders", "0");
  }

  private static SealedObjects objects(ObjectStore in) {
    return new SealedObjects(in, "0".repeat(32), Encryption.NONE, Optional.empty(), new Random(1));
  }

  private static void append(LogWriter writer, int segments) throws IOException {
    for (int i = 0; i < segments; i++) {
      long end = writer.end().offset() + SEGMENT;
      writer.append(
          new LogWriter.Draft(
              end,
              StreamState.INITIAL,
              NOW.plusMillis(end),
              NOW.plusMillis(end),
              "Redis 7.0.15",
              List.of()),
          Channels.newChannel(new ByteArrayInputStream("x".repeat(SEGMENT).getBytes(US_ASCII))));
    }
  }

  /// History A from 0 to 1,000, and B, which left it at 800 and leads to 1,600.
  private ShardLog forked() throws IOException {
    ShardLog log = log(store);
    LogEnd fork;
    try (LogWriter writer = log.begin(A, 0, StreamState.INITIAL)) {
      append(writer, 8);
      fork = writer.end();
      append(writer, 2);
    }
    try (LogWriter writer = log.resume(fork)) {
      writer.continueAs(B);
      append(writer, 8);
    }
    assertThat(log.stretches()).extracting(Stretch::end).containsExactly(1_000L, 1_600L);
    return log;
  }

  private static LogTrim trim(ShardLog log, LogTrim.Kept... kept) throws IOException {
    return log.trim(List.of(kept), NOW).orElseThrow();
  }

  private static LogTrim.Kept from(Stretch stretch, long offset) {
    return new LogTrim.Kept(stretch, offset);
  }

  private static void delete(ObjectStore store, List<ObjectInfo> objects) throws IOException {
    for (ObjectInfo object : objects) {
      store.delete(object.key());
    }
  }

  /// Deleting stops after each object: at no time does the log begin elsewhere, or with a hole.
  @Test
  void forget_theBeginning_isGoneAtOnceAndIsNoHoleHoweverMuchOfItIsDeleted() throws IOException {
    ShardLog log = forked();
    LogTrim trim = trim(log, from(log.stretches().get(0), 450), from(log.stretches().get(1), 450));
    assertThat(trim.segments()).isEqualTo(4);
    long bytes = store.list("").stream().limit(4).mapToLong(ObjectInfo::sizeBytes).sum();
    assertThat(trim.storedBytes()).isEqualTo(bytes);
    assertThat(log.stretches()).extracting(Stretch::start).containsExactly(0L, 0L);

    log.forget(trim.start());
    ForgottenLog early = log.forgotten(NOW.plus(GRACE).minusMillis(1), GRACE);
    assertThat(early.due()).isEmpty();
    assertThat(early.waiting()).hasSize(4);
    assertThat(early.waitingUntil()).isEqualTo(NOW.plus(GRACE));
    List<ObjectInfo> due = log.forgotten(NOW.plus(GRACE), GRACE).due();
    assertThat(due).hasSize(4);
    for (int i = 0; i <= due.size(); i++) {
      assertThat(log.stretches()).extracting(Stretch::start).containsExactly(400L, 400L);
      assertThat(log.stretches()).extracting(Stretch::hole).containsOnly("");
      assertThat(log.verify().damages()).isEmpty();
      if (i < due.size()) {
        // The last first: the order must not matter.
        store.delete(due.get(due.size() - 1 - i).key());
      }
    }
    assertThat(log.stretches().getFirst().holds(A, 450)).isTrue();
    assertThat(log.stretches().getFirst().holds(A, 399)).isFalse();
    assertThat(
            log.trim(
                List.of(from(log.stretches().get(0), 450), from(log.stretches().get(1), 9)), NOW))
        .isEmpty();
  }

  @Test
  void forget_aBranchAndWhatBothShare_leavesTheOtherOneItsNumber() throws IOException {
    ShardLog log = forked();
    Stretch kept = log.stretches().get(1);
    log.forget(trim(log, from(kept, 1_200)).start());

    assertThat(log.stretches()).extracting(Stretch::start).containsExactly(1_100L);
    assertThat(log.contents().start().orElseThrow().firstTimeline()).isEqualTo(2);
    delete(store, log.forgotten(NOW, Duration.ZERO).due());
    assertThat(log.stretches()).extracting(Stretch::hole).containsExactly("");
    assertThat(log.stretches().getFirst().replids()).containsExactly(B);

    LogTrim later = log.trim(List.of(from(log.stretches().getFirst(), 1_400)), NOW).orElseThrow();
    assertThat(later.start().firstTimeline()).isEqualTo(2);
    assertThat(later.start().forgets(A, 1_000)).isTrue();
  }

  /// A base at the very end of a history, which the next one begins behind, still finds it.
  @Test
  void forget_upToABaseAtAFork_keepsTheHistoryThatItNames() throws IOException {
    ShardLog log = forked();
    log.forget(trim(log, from(log.stretches().get(1), 800)).start());
    assertThat(log.stretches().getLast().holds(A, 800)).isTrue();
  }

  @Test
  void forgotten_segmentStillThereBehindTheMark_isAHole() throws IOException {
    ShardLog log = forked();
    log.forget(
        trim(log, from(log.stretches().get(0), 450), from(log.stretches().get(1), 450)).start());
    store.delete(new SegmentName("orders", "0", A, 600, 700).key());
    assertThat(log.stretches().getLast().hole()).contains("segments are missing");
  }

  @Test
  void gap_behindWhatWasForgotten_isNoneAndGoesWithIt() throws IOException {
    ShardLog log = log(store);
    try (LogWriter writer = log.begin(A, 0, StreamState.INITIAL)) {
      append(writer, 3);
    }
    log.declare(new Gap(Gap.FORMAT, NOW, Gap.Reason.FULL_RESYNC, A, 300, B, 5_000));
    try (LogWriter writer = log.begin(B, 5_000, StreamState.INITIAL)) {
      append(writer, 3);
    }
    assertThat(log.contents().gaps()).hasSize(1);
    LogStart first = trim(log, from(log.stretches().get(1), 5_100)).start();
    log.forget(first);
    assertThat(log.contents().gaps()).isEmpty();
    assertThat(log.forgotten(NOW, Duration.ZERO).due()).hasSize(3 + 1);

    // What a later decision says too is not kept for ever.
    LogTrim second =
        log.trim(List.of(from(log.stretches().getFirst(), 5_250)), NOW.plusSeconds(1))
            .orElseThrow();
    log.forget(second.start());
    delete(store, log.forgotten(NOW.plusSeconds(2), Duration.ZERO).due());
    assertThat(log.stretches()).extracting(Stretch::start).containsExactly(5_200L);
    assertThat(store.list("")).hasSize(1 + 1);
  }

  /// The archiver goes on, merges what it has, and another one takes over.
  @Test
  void append_behindAForgottenBeginning_goesOn() throws IOException {
    ShardLog log = log(store);
    try (LogWriter writer = log.begin(A, 0, StreamState.INITIAL)) {
      append(writer, 70);
      log.forget(trim(log, from(log.stretches().getFirst(), 450)).start());
      append(writer, 10);
      assertThat(log.merge(/* undisturbed= */ true, NOW)).isEqualTo(1);
      delete(store, log.forgotten(NOW, Duration.ZERO).due());
      append(writer, 1);
    }
    try (LogWriter writer = log.resume(log.end(log.stretches().getLast()))) {
      append(writer, 1);
    }
    assertThat(log.stretches()).hasSize(1);
    assertThat(log.stretches().getFirst().start()).isEqualTo(400);
    assertThat(log.stretches().getFirst().end()).isEqualTo(8_200);
    assertThat(log.verify().damages()).isEmpty();
  }

  /// As format 2 has it for ever; one of a later format is refused by name.
  @Test
  void golden_start_isReadAndWrittenTheSame() throws IOException {
    LogStart start =
        new LogStart(
            LogStart.FORMAT,
            NOW,
            2,
            List.of(new LogStart.History(A, 1_000), new LogStart.History(B, 1_100)));
    ByteBuffer golden;
    try (InputStream in = LogStartTest.class.getResourceAsStream("/golden/log/2-start.rkob")) {
      golden = ByteBuffer.wrap(in == null ? new byte[0] : in.readAllBytes());
    }
    String name = "caches/orders/log/0/starts/20261128T120000.000Z-00000000.json";
    store.put(name, golden);
    assertThat(log(store).contents().start()).contains(start);

    store.delete(name);
    objects(store).write(name, ObjectKind.LOG_START, Json.write(start));
    assertThat(store.read(name)).isEqualTo(golden);

    store.delete(name);
    log(store).forget(new LogStart(2, NOW, 1, start.histories()));
    assertThatThrownBy(() -> log(store).stretches()).isInstanceOf(UnsupportedFormat.class);
  }
}
