package io.ringkeep.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.Marks;
import io.ringkeep.history.TestBases;
import io.ringkeep.model.BackupException.HistoryGap;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.LogEnd;
import io.ringkeep.repository.log.LogStart;
import io.ringkeep.repository.log.LogWriter;
import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.StreamState;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.store.memory.MemoryStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A moment that lies on several timelines of a log: the newest counts unless another is named.
///
/// The histories `a`, `b` and so on have one command a second of the same length, which sets a
/// value named after history and second: so equal offsets and times lead to other data.
class TimelinesTest {
  private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
  private static final int COMMAND_BYTES = command('a', 0).length;

  private final List<Manifest> bases = new ArrayList<>();
  private Repository repository;

  @BeforeEach
  void open() throws IOException {
    repository =
        Repository.init(
            new MemoryStore(), InitOptions.unencrypted(), Optional.empty(), Clock.systemUTC());
  }

  private static byte[] command(char history, int second) {
    return "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\n%c%02d\r\n"
        .formatted(history, second)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String replid(char history) {
    return String.valueOf(history).repeat(40);
  }

  private static Instant second(double second) {
    return START.plusMillis(Math.round(second * 1_000));
  }

  /// Behind so many commands.
  private static long offset(int commands) {
    return (long) commands * COMMAND_BYTES;
  }

  private static RecoveryTarget at(double second) {
    return new RecoveryTarget.At(second(second));
  }

  private static Timelines timeline(int number) {
    return new Timelines(Map.of("", number));
  }

  /// A history of its own in the log of a shard, with a base at its beginning.
  ///
  /// @param from the second of its first command
  private void history(String shard, char name, int from, int commands) throws IOException {
    ShardLog log = repository.log("c", shard);
    bases.add(
        TestBases.of("00000000000" + name, second(from), "standalone", shard, replid(name), 0)
            .manifest());
    try (LogWriter writer = log.begin(replid(name), 0, StreamState.INITIAL)) {
      write(writer, name, from, commands);
    }
  }

  /// The end of what was written.
  private static LogEnd write(LogWriter writer, char name, int from, int commands)
      throws IOException {
    for (int i = from; i < from + commands; i++) {
      byte[] bytes = command(name, i);
      long end = writer.end().offset() + bytes.length;
      writer.append(
          new LogWriter.Draft(
              end,
              StreamState.INITIAL,
              second(i),
              second(i),
              "Redis 7.0.15",
              List.of(new Mark(Mark.Kind.SAMPLE, end, Marks.micros(second(i)), 0, "run-" + name))),
          Channels.newChannel(new ByteArrayInputStream(bytes)));
    }
    return writer.end();
  }

  private CacheHistory known() throws IOException {
    return CacheHistory.of(repository, "c", bases);
  }

  private Cut cut(RecoveryTarget target, Timelines timelines) throws IOException {
    return new CacheCuts(known(), timelines).find(target).cuts().values().iterator().next();
  }

  @Test
  void time_behindWhichThereIsNoBaseYet_isInAGapUnlessItIsToCome() throws IOException {
    history("0", 'a', 0, 10);
    history("0", 'b', 20, 10);
    bases.removeLast();

    HistoryGap gap = catchThrowableOfType(HistoryGap.class, () -> cut(at(15), Timelines.NEWEST));
    assertThat(gap.hint().orElseThrow()).contains("before the log has a base again");
    assertThatThrownBy(() -> cut(at(25), Timelines.NEWEST)).isInstanceOf(HistoryGap.class);
    assertThatThrownBy(() -> cut(at(35), Timelines.NEWEST))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("not in the log yet");
  }

  /// A failover to a server whose clock is behind.
  @Test
  void time_onSeveralTimelines_isTheNewestsUnlessAnotherIsNamed() throws IOException {
    history("0", 'a', 0, 30);
    history("0", 'b', 10, 10);
    history("0", 'c', 40, 10);

    Cut newest = cut(at(15.5), Timelines.NEWEST);
    assertThat(newest.lastKept()).contains("SET k b15");
    assertThat(newest.branch()).isEqualTo(new Cut.Branch(2, List.of(1)));
    assertThat(newest.branch().text().orElseThrow()).startsWith("2; 1 has").contains("--timeline");

    Cut older = cut(at(15.5), timeline(1));
    assertThat(older.lastKept()).contains("SET k a15");
    assertThat(older.firstDropped()).contains("SET k a16");
    assertThat(older.branch()).isEqualTo(new Cut.Branch(1, List.of(2)));

    // Only one has these.
    assertThat(cut(at(25.5), Timelines.NEWEST).lastKept()).contains("SET k a25");
    assertThat(cut(at(25.5), Timelines.NEWEST).branch().text()).isEmpty();
    assertThat(cut(at(44), Timelines.NEWEST).branch()).isEqualTo(new Cut.Branch(3, List.of()));
  }

  /// A server that was restarted from older data counts its bytes anew.
  @Test
  void offset_onSeveralTimelines_isTheNewestsUnlessAnotherIsNamed() throws IOException {
    history("0", 'a', 0, 30);
    history("0", 'b', 40, 10);

    RecoveryTarget target = new RecoveryTarget.Offset(offset(5) - 1);
    assertThat(cut(target, Timelines.NEWEST).lastKept()).contains("SET k b43");
    assertThat(cut(target, Timelines.NEWEST).branch().others()).containsExactly(1);
    assertThat(cut(target, timeline(1)).lastKept()).contains("SET k a03");
    assertThat(cut(new RecoveryTarget.Offset(offset(20)), Timelines.NEWEST).lastKept())
        .contains("SET k a19");
  }

  /// What is before the place where histories parted is the same on both.
  @Test
  void moment_beforeTimelinesPart_isNotAmbiguous() throws IOException {
    history("0", 'a', 0, 10);
    ShardLog log = repository.log("c", "0");
    LogEnd parted = log.end(log.stretches().getFirst());
    try (LogWriter writer = log.resume(parted)) {
      write(writer, 'a', 10, 10);
    }
    try (LogWriter writer = log.resume(parted)) {
      writer.continueAs(replid('b'));
      write(writer, 'b', 12, 20);
    }

    assertThat(cut(at(5.5), Timelines.NEWEST).branch()).isEqualTo(new Cut.Branch(2, List.of()));
    assertThat(cut(new RecoveryTarget.Offset(offset(10)), Timelines.NEWEST).branch().others())
        .isEmpty();
    assertThat(cut(at(15.5), Timelines.NEWEST).lastKept()).contains("SET k b15");
    assertThat(cut(at(15.5), Timelines.NEWEST).branch().others()).containsExactly(1);
    assertThat(cut(at(15.5), timeline(1)).lastKept()).contains("SET k a15");
    // On the newest nothing had been written since the histories parted.
    assertThat(cut(at(11.5), Timelines.NEWEST).lastKept()).contains("SET k a09");
    assertThat(cut(at(11.5), timeline(1)).lastKept()).contains("SET k a11");
  }

  @Test
  void timeline_thatHasNoSuchMoment_isNotFoundWithWhatThereIs() throws IOException {
    history("0", 'a', 0, 30);
    history("0", 'b', 40, 10);

    for (RecoveryTarget target : List.of(at(10), new RecoveryTarget.Offset(offset(20)))) {
      NotFound other = catchThrowableOfType(NotFound.class, () -> cut(target, timeline(2)));
      assertThat(other).hasMessageContaining("not on that timeline").hasMessageContaining("=2");
      assertThat(other.hint().orElseThrow())
          .isEqualTo(
              "restorable is timeline 2: %s to %s, timeline 1: %s to %s"
                  .formatted(second(40), second(49), second(0), second(29)));
    }
    NotFound none = catchThrowableOfType(NotFound.class, () -> cut(at(10), timeline(3)));
    assertThat(none).hasMessageContaining("no such timeline: timeline=3");
    assertThat(none.hint().orElseThrow()).contains("timeline 1");
  }

  @Test
  void timelines_behindAForgottenOne_keepTheirNumbers() throws IOException {
    history("0", 'a', 0, 10);
    history("0", 'b', 20, 10);
    history("0", 'c', 40, 10);
    repository
        .log("c", "0")
        .forget(
            new LogStart(
                LogStart.FORMAT,
                second(60),
                2,
                List.of(new LogStart.History(replid('a'), offset(10)))));

    RecoveryTarget target = new RecoveryTarget.Offset(offset(5));
    assertThat(cut(target, timeline(2)).lastKept()).contains("SET k b24");
    assertThat(cut(target, timeline(3)).lastKept()).contains("SET k c44");
    assertThatThrownBy(() -> cut(target, timeline(1))).isInstanceOf(NotFound.class);
  }

  @Test
  void timeline_ofSeveralShards_isSaidWithTheShard() throws IOException {
    history("one", 'a', 0, 30);
    history("one", 'b', 10, 20);
    history("two", 'c', 0, 30);
    history("two", 'd', 10, 20);

    Map<String, Cut> cuts = new CacheCuts(known(), Timelines.parse("on=1")).find(at(15.5)).cuts();
    assertThat(cuts.values())
        .extracting(cut -> cut.lastKept().orElseThrow())
        .containsExactlyInAnyOrder("SET k a15", "SET k d15");
    assertThatThrownBy(() -> new CacheCuts(known(), Timelines.parse("1")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("shards=2");
    assertThatThrownBy(() -> new CacheCuts(known(), Timelines.parse("three=1")))
        .isInstanceOf(NotFound.class);
  }

  @Test
  void text_thatIsNoTimeline_isRefused() {
    assertThat(Timelines.parse("12")).isEqualTo(timeline(12));
    assertThat(Timelines.parse("a=2,b=1").numbers()).isEqualTo(Map.of("a", 2, "b", 1));
    for (String text : List.of("", "0", "-1", "x", "1,2", "=1", "a=", "a=1,2", "a=1,a=2", "1 ")) {
      assertThatThrownBy(() -> Timelines.parse(text)).as(text).isInstanceOf(InvalidRequest.class);
    }
  }
}
