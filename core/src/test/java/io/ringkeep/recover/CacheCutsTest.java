package io.ringkeep.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.history.Base;
import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.Marks;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.history.TestBases;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.LogWriter;
import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.repository.log.SlotMap.MappedShard;
import io.ringkeep.repository.log.StreamState;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.store.memory.MemoryStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Where the shards of a cache are cut for one moment.
class CacheCutsTest {
  private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
  private static final byte[] COMMAND =
      "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int MOST_SECONDS = 70;

  private Repository repository;

  @BeforeEach
  void open() throws IOException {
    repository =
        Repository.init(
            new MemoryStore(), InitOptions.unencrypted(), Optional.empty(), Clock.systemUTC());
  }

  private static Instant second(double second) {
    return START.plusMillis(Math.round(second * 1_000));
  }

  /// A shard whose log has one command a second, from second 0 on, and marks at some of these.
  private ShardHistory shard(String name, List<Integer> marks) throws IOException {
    ShardLog log = repository.log("c", name);
    try (LogWriter writer = log.begin(replid(name), 0, StreamState.INITIAL)) {
      for (int second = 0; second < MOST_SECONDS; second++) {
        long end = offset(second);
        List<Mark> mark =
            marks.contains(second)
                ? List.of(
                    new Mark(Mark.Kind.SAMPLE, end, Marks.micros(second(second)), 0, "run-" + name))
                : List.of();
        writer.append(
            new LogWriter.Draft(
                end, StreamState.INITIAL, second(second), second(second), "Redis 7.0.15", mark),
            Channels.newChannel(new ByteArrayInputStream(COMMAND)));
      }
    }
    Stretch stretch = log.stretches().getFirst();
    Base base = TestBases.of("3f9a1c0b22de", START, "cluster", name, replid(name), 0);
    return new ShardHistory(
        log,
        List.of(
            new ShardWindow(
                stretch,
                List.of(base),
                Optional.of(second(marks.getFirst())),
                Optional.of(second(marks.getLast())))),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private static String replid(String name) {
    return name.repeat(40).substring(0, 40);
  }

  /// Behind the command of a second.
  private static long offset(int second) {
    return (long) (second + 1) * COMMAND.length;
  }

  private static List<Integer> everySecond() {
    return everySoMany(1);
  }

  private static List<Integer> everySoMany(int seconds) {
    List<Integer> all = new ArrayList<>();
    for (int second = 0; second < MOST_SECONDS; second += seconds) {
      all.add(second);
    }
    return all;
  }

  private static MappedShard mapped(String name, String slots) {
    return new MappedShard(name, name, replid(name), List.of(name), slots);
  }

  private static SlotMap map(
      double since, double time, List<SlotMap.Move> moves, MappedShard... s) {
    return new SlotMap(SlotMap.FORMAT, second(since), second(time), List.of(s), moves);
  }

  private static Cut cut(Map<String, Cut> found, String shard) {
    return Optional.ofNullable(found.get(shard)).orElseThrow();
  }

  private static RecoveryTarget at(double second) {
    return new RecoveryTarget.At(second(second));
  }

  @Test
  void time_ofSeveralShards_cutsEachAtItsLastCommandByThen() throws IOException {
    CacheCuts cuts =
        new CacheCuts(
            new CacheHistory(
                List.of(shard("a", everySecond()), shard("b", List.of(0, 20, 40, 59))),
                List.of(map(0, 0, List.of(), mapped("a", "0-99"), mapped("b", "100-16383")))));

    Map<String, Cut> found = cuts.find(at(30.5)).cuts();

    assertThat(cut(found, "a").offset()).isEqualTo(offset(30));
    assertThat(cut(found, "a").bound()).contains(Duration.ofMillis(500));
    assertThat(cut(found, "b").offset()).isEqualTo(offset(20));
    assertThat(cut(found, "b").bound()).contains(Duration.ofMillis(10_500));
  }

  /// Else a key could be on neither side: gone from the one, not arrived at the other.
  @Test
  void time_whileSlotsMove_cutsTheSourceNoLaterThanTheTargetIsComplete() throws IOException {
    CacheCuts cuts =
        new CacheCuts(
            new CacheHistory(
                List.of(shard("a", everySecond()), shard("b", List.of(0, 20, 40, 59))),
                List.of(
                    map(0, 0, List.of(), mapped("a", "0-99"), mapped("b", "100-16383")),
                    map(
                        28,
                        29,
                        List.of(new SlotMap.Move("5", "a", "b")),
                        mapped("a", "0-99"),
                        mapped("b", "100-16383")))));

    Map<String, Cut> found = cuts.find(at(30.5)).cuts();

    assertThat(cut(found, "b").offset()).isEqualTo(offset(20));
    assertThat(cut(found, "a").offset()).isEqualTo(offset(20));
    // As seen from the moment that was asked for.
    assertThat(cut(found, "a").bound().orElseThrow())
        .isGreaterThanOrEqualTo(Duration.ofSeconds(10));
  }

  /// Each would be cut before the other for ever, and one of them ends too early.
  @Test
  void time_afterSlotsWentToAndFro_heedsTheMoveThatMayNotBeOver() throws IOException {
    CacheCuts cuts =
        new CacheCuts(
            new CacheHistory(
                List.of(shard("a", everySoMany(3)), shard("b", everySoMany(4))),
                List.of(
                    map(0, 0, List.of(), mapped("a", "0-99"), mapped("b", "100-16383")),
                    map(13, 14, List.of(), mapped("a", "0-199"), mapped("b", "200-16383")),
                    map(19, 21, List.of(), mapped("a", "10-199"), mapped("b", "0-9,200-16383")))));

    Map<String, Cut> found = cuts.find(at(22.5)).cuts();

    assertThat(cut(found, "b").offset()).isEqualTo(offset(20));
    assertThat(cut(found, "a").offset()).isEqualTo(offset(18));
  }

  /// Both lose keys and both get some: neither is complete as of a time that the other has.
  @Test
  void time_whileSlotsGoToAndFro_liesBeforeBothMoves() throws IOException {
    CacheCuts cuts =
        new CacheCuts(
            new CacheHistory(
                List.of(shard("a", everySoMany(3)), shard("b", everySoMany(4))),
                List.of(
                    map(0, 0, List.of(), mapped("a", "0-99"), mapped("b", "100-16383")),
                    map(
                        15,
                        16,
                        List.of(new SlotMap.Move("5", "a", "b"), new SlotMap.Move("500", "b", "a")),
                        mapped("a", "0-99"),
                        mapped("b", "100-16383")))));

    Map<String, Cut> found = cuts.find(at(22.5)).cuts();

    assertThat(cut(found, "a").offset()).isEqualTo(offset(12));
    assertThat(cut(found, "b").offset()).isEqualTo(offset(12));
  }

  /// A shard that has just given its last slot away may have keys that are yet to arrive.
  @Test
  void time_rightAfterAShardWasEmptied_takesItAlong() throws IOException {
    List<ShardHistory> shards = List.of(shard("a", everySecond()), shard("b", everySecond()));
    CacheCuts cuts =
        new CacheCuts(
            new CacheHistory(
                shards,
                List.of(
                    map(0, 0, List.of(), mapped("a", "0-99"), mapped("b", "100-16383")),
                    map(24, 25, List.of(), mapped("a", ""), mapped("b", "0-16383")))));

    assertThat(cuts.find(at(30)).cuts()).containsOnlyKeys("a", "b");
    assertThat(cuts.find(at(50)).cuts()).containsOnlyKeys("b");
  }

  /// When it was first seen that another shard has slots, it may have had them for a while.
  @Test
  void time_betweenTwoLooks_takesAlongWhomTheSecondShows() throws IOException {
    List<ShardHistory> shards = List.of(shard("a", everySecond()), shard("b", everySecond()));
    CacheHistory history =
        new CacheHistory(
            shards,
            List.of(
                map(0, 0, List.of(), mapped("a", "0-16383"), mapped("b", "")),
                map(
                    29,
                    33,
                    List.of(new SlotMap.Move("5", "a", "b")),
                    mapped("a", "0-16383"),
                    mapped("b", ""))));

    assertThat(history.needed(second(20))).containsExactly("a");
    assertThat(new CacheCuts(history).find(at(31)).cuts()).containsOnlyKeys("a", "b");
  }

  /// A person looks at the plan, and an archiver merges what it was found in.
  @Test
  void cut_whoseSegmentsWereMerged_isFoundAgain() throws IOException {
    ShardHistory shard = shard("a", everySecond());
    Cut found =
        cut(
            new CacheCuts(
                    new CacheHistory(
                        List.of(shard), List.of(map(0, 0, List.of(), mapped("a", "0-16383")))))
                .find(at(30))
                .cuts(),
            "a");
    ShardCut before = new ShardCut(shard.log(), found);
    assertThat(shard.log().merge(/* undisturbed= */ true, START)).isEqualTo(1);
    shard.log().merge(/* undisturbed= */ true, START.plusSeconds(10));
    shard.log().merge(/* undisturbed= */ true, START.plus(Duration.ofHours(1)));
    assertThat(repository.store().size(found.stretch().names().getFirst().key())).isEmpty();

    ShardCut again = before.again();
    assertThat(again.cut().offset()).isEqualTo(found.offset());
    assertThat(shard.log().read(again.cut().stretch(), 0).next().remaining()).isPositive();

    Cut elsewhere = found.on(found.stretch());
    ShardLog empty = repository.log("c", "nobody");
    assertThatThrownBy(() -> new ShardCut(empty, elsewhere).again())
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("forgotten since it was chosen");
  }

  @Test
  void time_beforeAShardHadALog_isNotFound() throws IOException {
    CacheCuts cuts =
        new CacheCuts(
            new CacheHistory(
                List.of(shard("a", everySecond())),
                List.of(map(0, 0, List.of(), mapped("a", "0-99"), mapped("b", "100-16383")))));

    assertThatThrownBy(() -> cuts.find(at(30)))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("shard=b");
  }

  @Test
  void offsets_ofSomeShardsOnly_areRefusedWithTheOthersNamed() throws IOException {
    CacheCuts cuts =
        new CacheCuts(
            new CacheHistory(
                List.of(shard("a", everySecond()), shard("b", everySecond())),
                List.of(map(0, 0, List.of(), mapped("a", "0-99"), mapped("b", "100-16383")))));

    Map<String, Cut> found =
        cuts.find(new RecoveryTarget.Offsets(Map.of("a", offset(7), "b", offset(9) - 1))).cuts();
    assertThat(cut(found, "b").offset()).isEqualTo(offset(8));
    assertThatThrownBy(() -> cuts.find(new RecoveryTarget.Offsets(Map.of("a", offset(7)))))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("[b]");
    assertThatThrownBy(() -> cuts.find(new RecoveryTarget.Offset(offset(7))))
        .isInstanceOf(InvalidRequest.class);
  }
}
