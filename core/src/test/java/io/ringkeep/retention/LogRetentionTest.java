package io.ringkeep.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.history.Base;
import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.history.TestBases;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.LogWriter;
import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.SegmentName;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.repository.log.SlotMap.MappedShard;
import io.ringkeep.repository.log.StreamState;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.store.memory.MemoryStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// The specification of retention where there is a log: each title is a rule. A log here has one
/// byte and one mark a minute, so that offsets are minutes.
class LogRetentionTest {
  private static final Instant START = Instant.parse("2026-11-28T00:00:00Z");
  private static final Instant NOW = START.plus(Duration.ofDays(3));

  private Repository repository;
  private final List<SlotMap> maps = new ArrayList<>();
  private final List<ShardHistory> shards = new ArrayList<>();
  private final TreeMap<Integer, Candidate> snapshots = new TreeMap<>();
  private final MemoryStore store = new MemoryStore();

  @BeforeEach
  void open() throws IOException {
    repository =
        Repository.init(store, InitOptions.unencrypted(), Optional.empty(), Clock.systemUTC());
  }

  private static Instant minute(int minute) {
    return START.plus(Duration.ofMinutes(minute));
  }

  private static String replid(char name) {
    return String.valueOf(name).repeat(40);
  }

  /// Logs of one shard, one stretch each, with a history of its own.
  private void log(String shard, Part... parts) throws IOException {
    ShardLog log = repository.log("c", shard);
    for (Part part : parts) {
      try (LogWriter writer = log.begin(replid(part.history()), part.from(), StreamState.INITIAL)) {
        for (int end = part.from() + 1; end <= part.until(); end++) {
          writer.append(
              new LogWriter.Draft(
                  end,
                  StreamState.INITIAL,
                  minute(end),
                  minute(end),
                  "Redis 7.0.15",
                  List.of(
                      new Mark(Mark.Kind.SAMPLE, end, minute(end).toEpochMilli() * 1_000, 0, "s"))),
              Channels.newChannel(new ByteArrayInputStream(new byte[1])));
        }
      }
    }
    List<Stretch> stretches = log.stretches();
    List<ShardWindow> windows = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      Part part = parts[i];
      windows.add(
          new ShardWindow(
              stretches.get(i),
              part.bases().stream().map(base -> base(shard, part.history(), base)).toList(),
              part.bases().stream().findFirst().map(LogRetentionTest::minute),
              Optional.of(minute(part.until()))));
    }
    shards.add(new ShardHistory(log, windows, List.of(), Optional.empty(), Optional.empty()));
  }

  private record Part(char history, int from, int until, List<Integer> bases) {}

  private static Part part(char history, int from, int until, Integer... bases) {
    return new Part(history, from, until, List.of(bases));
  }

  private Base base(String shard, char history, int minute) {
    snapshot(minute);
    return TestBases.of(id(minute), minute(minute), "standalone", shard, replid(history), minute);
  }

  private static String id(int minute) {
    return "%012x".formatted(minute);
  }

  private void snapshot(int minute) {
    snapshots.putIfAbsent(
        minute, new Candidate(id(minute), minute(minute), Optional.empty(), Candidate.State.GOOD));
  }

  private LogRetention retention(Optional<Integer> window) throws IOException {
    return LogRetention.of(
        new CacheHistory(shards, maps),
        snapshots.values().stream().map(Candidate::time).toList(),
        window.map(Duration::ofMinutes));
  }

  /// What stays with `--keep-window`, and no other rule.
  private List<Integer> kept(int window) throws IOException {
    return kept(verdicts(Optional.of(window)));
  }

  private List<Integer> kept(List<Verdict> verdicts) {
    return verdicts.stream()
        .filter(Verdict::kept)
        .map(verdict -> Integer.parseInt(verdict.snapshot().id(), 16))
        .toList();
  }

  /// Without a window the newest one is kept.
  private List<Verdict> verdicts(Optional<Integer> window) throws IOException {
    RetentionPolicy policy =
        new RetentionPolicy(
            window.isPresent() ? 0 : 1,
            0,
            0,
            0,
            0,
            0,
            Optional.empty(),
            window.map(Duration::ofMinutes),
            java.time.ZoneOffset.UTC);
    return retention(window)
        .keepingWhatTheLogNeeds(policy.decide(List.copyOf(snapshots.values()), NOW));
  }

  /// Where each stretch begins that is there afterwards.
  private List<Long> startsAfter(Optional<Integer> window) throws IOException {
    List<ForgetPlan.Log> trims =
        retention(window).trims(new CacheHistory(shards, maps), verdicts(window), NOW);
    List<Long> starts = new ArrayList<>();
    for (ForgetPlan.Log trim : trims) {
      trim.log().forget(trim.trim().start());
    }
    for (ShardHistory shard : shards) {
      shard.log().stretches().forEach(stretch -> starts.add(stretch.start()));
    }
    return starts;
  }

  @Test
  @DisplayName("Without a window, the log before the first base that stays goes")
  void noWindow_logBeforeTheFirstBase_goes() throws IOException {
    log("0", part('a', 0, 100, 10, 50, 80));
    assertThat(kept(verdicts(Optional.empty()))).containsExactly(80);
    // The segment that ends at the base stays: it says whose the base is.
    assertThat(startsAfter(Optional.empty())).containsExactly(79L);
  }

  @Test
  @DisplayName(
      "Without a window, the newest base of each stretch stays, and the stretch from there")
  void noWindow_stretchesBeforeAGap_stayRestorable() throws IOException {
    log("0", part('a', 0, 100, 10, 50), part('b', 200, 300, 210));
    assertThat(kept(verdicts(Optional.empty()))).containsExactly(50, 210);
    assertThat(startsAfter(Optional.empty())).containsExactly(49L, 209L);
  }

  @Test
  @DisplayName(
      "A stretch that nothing can be restored from goes, unless the archiver goes on with it")
  void noBase_olderStretch_goes() throws IOException {
    log("0", part('a', 0, 100, 10), part('b', 200, 250), part('c', 300, 350));
    assertThat(startsAfter(Optional.empty())).containsExactly(9L, 300L);
  }

  @Test
  @DisplayName(
      "A window keeps its snapshots, the newest base from before it, and the log from there")
  void window_baseBeforeIt_stays() throws IOException {
    log("0", part('a', 0, 100, 10, 30, 50, 80));
    assertThat(kept(60)).containsExactly(30, 50, 80);
    assertThat(startsAfter(Optional.of(60))).containsExactly(29L);
  }

  @Test
  @DisplayName("A base right where the window begins is the one that it needs")
  void window_baseWhereItBegins_isEnough() throws IOException {
    log("0", part('a', 0, 100, 10, 40, 80));
    assertThat(kept(60)).containsExactly(40, 80);
    assertThat(kept(61)).containsExactly(10, 40, 80);
  }

  @Test
  @DisplayName("A stretch that ends before the window goes with its bases")
  void window_stretchBeforeIt_goes() throws IOException {
    log("0", part('a', 0, 100, 10, 50), part('b', 200, 300, 210, 250));
    assertThat(kept(60)).containsExactly(210, 250);
    assertThat(startsAfter(Optional.of(60))).containsExactly(209L);
    assertThat(shards.getFirst().log().contents().start().orElseThrow().firstTimeline())
        .isEqualTo(2);
  }

  @Test
  @DisplayName(
      "A stretch that reaches into the window stays from the base on that the window needs")
  void window_stretchIntoIt_stays() throws IOException {
    log("0", part('a', 0, 100, 10, 50), part('b', 200, 300, 210));
    assertThat(kept(230)).containsExactly(50, 210);
    assertThat(startsAfter(Optional.of(230))).containsExactly(49L, 209L);
  }

  @Test
  @DisplayName(
      "What the archiver goes on with stays, however long ago it did: the window hangs on the newest moment")
  void window_nobodyArchives_keepsTheLastBase() throws IOException {
    log("0", part('a', 0, 100, 10, 50));
    snapshot(4_000);
    assertThat(kept(60)).containsExactly(50, 4_000);
    assertThat(startsAfter(Optional.of(60))).containsExactly(49L);
  }

  @Test
  @DisplayName("An older snapshot that another rule keeps stays, without its log")
  void window_pinnedSnapshot_isNoBaseAnyMore() throws IOException {
    log("0", part('a', 0, 100, 10, 30, 80));
    snapshots.put(
        10, new Candidate(id(10), minute(10), Optional.of("for ever"), Candidate.State.GOOD));
    assertThat(kept(60)).containsExactly(10, 30, 80);
    assertThat(startsAfter(Optional.of(60))).containsExactly(29L);
  }

  @Test
  @DisplayName("Without a log, a window keeps its snapshots and the newest one from before it")
  void window_noLog_keepsTheStateAtItsBegin() throws IOException {
    List.of(10, 30, 50, 80, 100).forEach(this::snapshot);
    assertThat(kept(60)).containsExactly(30, 50, 80, 100);
    assertThat(kept(60 * 24)).containsExactly(10, 30, 50, 80, 100);
  }

  @Test
  @DisplayName(
      "Of a cluster, each shard keeps what the window needs; the log of one that is gone goes")
  void window_cluster_eachShardForItself() throws IOException {
    log("a", part('a', 0, 100, 20, 60));
    log("b", part('b', 1_000, 1_100, 1_060));
    log("c", part('c', 0, 30, 20));
    maps.add(
        new SlotMap(
            SlotMap.FORMAT,
            START,
            START,
            List.of(
                new MappedShard("a", "a", replid('a'), List.of("a"), "0-99"),
                new MappedShard("b", "b", replid('b'), List.of("b"), "100-16383")),
            List.of()));
    assertThat(kept(10)).containsExactly(60, 1_060);
    assertThat(startsAfter(Optional.of(10))).containsExactly(59L, 1_059L);
  }

  @Test
  @DisplayName("A base that is named is refused if a stretch would lose its last one")
  void named_lastBase_isRefused() throws IOException {
    log("0", part('a', 0, 100, 10, 50));
    LogRetention retention = retention(Optional.empty());
    retention.requireABaseOfEach("c", naming(10));
    assertThatThrownBy(() -> retention.requireABaseOfEach("c", naming(10, 50)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("nothing to stand on");
  }

  private List<Verdict> naming(Integer... minutes) {
    List<Integer> named = List.of(minutes);
    return snapshots.entrySet().stream()
        .map(entry ->
            new Verdict(entry.getValue(), !named.contains(entry.getKey()), List.of("named")))
        .toList();
  }

  @Test
  @DisplayName("Of a log that is damaged nothing goes, and no snapshot by a rule")
  void damagedLog_everythingStays() throws IOException {
    log("0", part('a', 0, 100, 10, 50, 80));
    ShardHistory shard = shards.removeFirst();
    ShardWindow whole = shard.windows().getFirst();
    SegmentName first = whole.stretch().names().getFirst();
    store.delete(first.key());
    store.put(first.key(), ByteBuffer.wrap(new byte[100]));
    Stretch behind = shard.log().stretches().getFirst();
    assertThat(behind.start()).isEqualTo(1);
    shards.add(
        new ShardHistory(
            shard.log(),
            List.of(new ShardWindow(behind, whole.bases(), whole.from(), whole.until())),
            List.of(),
            Optional.empty(),
            Optional.empty()));

    assertThat(kept(verdicts(Optional.empty()))).containsExactly(10, 50, 80);
    assertThat(kept(30)).containsExactly(10, 50, 80);
    assertThat(startsAfter(Optional.empty())).containsExactly(1L);
    assertThat(retention(Optional.empty()).warnings())
        .singleElement()
        .asString()
        .contains("the log of shard 0 is damaged", first.key());
  }
}
