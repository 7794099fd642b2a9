package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.cli.session.Screen;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.store.file.FileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Keeping, forgetting, pruning and compacting, as an operator types it, in a real folder.
class RetentionTest {
  private static final String PASSPHRASE = "correct horse";

  @TempDir Path folder;
  private final Random random = Seeds.random("RetentionTest");
  private Instant now = Instant.parse("2026-11-23T03:15:00Z");
  private Screen screen = new Screen();
  private String repository = "";

  @BeforeEach
  void init() {
    repository = folder.resolve("repository").toString();
    succeed("init");
  }

  private int run(Screen with, String... args) {
    screen = with.variable("RINGKEEP_PASSPHRASE", PASSPHRASE);
    List<String> words = new ArrayList<>(Arrays.asList(args));
    words.addAll(List.of("-r", repository));
    return new CommandRunner(screen.console(), Clock.fixed(now, ZoneOffset.UTC), () -> 0)
        .run(words.toArray(String[]::new));
  }

  private void succeed(String... args) {
    assertThat(run(new Screen(), args)).as(() -> screen.out() + screen.err()).isZero();
  }

  private void endsWith(int exitCode, String... args) {
    assertThat(run(new Screen(), args)).as(() -> screen.out() + screen.err()).isEqualTo(exitCode);
  }

  private JsonNode json(String... args) {
    List<String> words = new ArrayList<>(Arrays.asList(args));
    words.addAll(List.of("--output", "json"));
    run(new Screen(), words.toArray(String[]::new));
    assertThat(screen.err()).isEmpty();
    return JsonMapper.shared().readTree(screen.out());
  }

  /// A snapshot of two shards on each of so many days.
  private List<String> days(int count) throws IOException {
    List<String> ids = new ArrayList<>();
    for (int day = 0; day < count; day++) {
      Path one = RdbFiles.write(folder.resolve("1.rdb"), "one:", 300, random);
      Path two = RdbFiles.write(folder.resolve("2.rdb"), "two:", 300, random);
      ids.add(json("import", one.toString(), two.toString()).get("id").asString());
      now = now.plus(Duration.ofDays(1));
    }
    return ids;
  }

  private List<String> listed() {
    return json("list").valueStream().map(snapshot -> snapshot.get("id").asString()).toList();
  }

  private long storedBytes() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("repository/caches/default/run"))) {
      long sum = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sum += Files.size(file);
      }
      return sum;
    }
  }

  @Test
  void session_keepForgetPrune_doesWhatTheReadmeShows() throws IOException {
    List<String> ids = days(5);
    succeed("keep", ids.getFirst(), "--note", "before the migration");
    assertThat(screen.out()).isEqualTo("pinned %s of default%n".formatted(ids.getFirst()));

    succeed("forget", "--keep-daily", "2", "--dry-run");
    assertThat(screen.out())
        .contains("stays  pinned: before the migration")
        .contains("goes   no rule keeps it")
        .contains("stays  newest, day 2026-11-27")
        .contains("5 snapshots of default: 3 stay, 2 go; prune can free")
        .contains("those of UTC");
    assertThat(listed()).isEqualTo(ids);

    succeed("forget", "--keep-daily", "2", "--yes");
    assertThat(screen.out()).startsWith("forgot 2 snapshots; prune frees ");
    assertThat(listed()).containsExactly(ids.get(0), ids.get(3), ids.get(4));
    long before = storedBytes();

    succeed("prune");
    assertThat(screen.out()).contains("not before 2026-11-28 04:15:00Z");
    assertThat(storedBytes()).isEqualTo(before);
    now = now.plus(Duration.ofHours(1));
    JsonNode dry = json("prune", "--dry-run").get(0);
    assertThat(dry.get("freed").size()).isEqualTo(2);
    assertThat(storedBytes()).isEqualTo(before);
    JsonNode pruned = json("prune").get(0);
    assertThat(pruned.get("bytes").asLong()).isEqualTo(dry.get("bytes").asLong()).isPositive();
    assertThat(storedBytes()).isLessThan(before);
    succeed("verify");
    assertThat(listed()).hasSize(3);
  }

  @Test
  void list_pinnedSnapshots_sayWhyAndWhatTheyWouldFree() throws IOException {
    List<String> ids = days(2);
    succeed("keep", ids.getLast(), "--note", "audit");
    JsonNode pinned = json("list").get(1);
    assertThat(pinned.get("pinned").asString()).isEqualTo("audit");
    assertThat(pinned.get("freesBytes").asLong())
        .isEqualTo(pinned.get("storedBytes").asLong())
        .isPositive();
    assertThat(json("list").get(0).has("pinned")).isFalse();
    succeed("show", ids.getLast());
    assertThat(screen.out()).contains("pinned       audit").contains(" if forgotten alone");
    succeed("keep", ids.getLast(), "--remove");
    assertThat(json("show", ids.getLast()).has("pinned")).isFalse();
  }

  @Test
  void forget_withoutATerminalOrYes_changesNothing() throws IOException {
    List<String> ids = days(3);
    endsWith(2, "forget", "--keep-last", "1");
    assertThat(screen.err()).contains("--yes");
    assertThat(run(new Screen().types("no"), "forget", "--keep-last", "1")).isEqualTo(2);
    assertThat(listed()).isEqualTo(ids);
    assertThat(run(new Screen().types("yes"), "forget", "--keep-last", "1")).isZero();
    assertThat(listed()).containsExactly(ids.getLast());
  }

  @Test
  void forget_pinnedLastUnknownOrNothingAsked_isRefused() throws IOException {
    List<String> ids = days(2);
    succeed("keep", ids.getFirst());
    endsWith(2, "forget", ids.getFirst(), "--yes");
    assertThat(screen.err()).contains("the snapshot is pinned").contains("keep --remove");
    succeed("forget", ids.getLast(), "--yes");
    succeed("keep", ids.getFirst(), "--remove");
    endsWith(2, "forget", ids.getFirst(), "--yes");
    assertThat(screen.err()).contains("no good snapshot would be left").contains("--allow-none");
    endsWith(3, "forget", "ffffff", "--yes");
    endsWith(3, "forget", "--cache", "other", "--keep-last", "1", "--yes");
    endsWith(2, "forget", "--yes");
    endsWith(2, "forget", ids.getFirst(), "--keep-last", "1");
    endsWith(2, "forget", "--keep-last", "1", "--zone", "Nowhere/Land");
    assertThat(listed()).containsExactly(ids.getFirst());

    succeed("forget", ids.getFirst(), "--yes", "--allow-none");
    assertThat(listed()).isEmpty();
    succeed("prune", "--grace", "0s");
    assertThat(storedBytes()).isZero();
    endsWith(1, "status", "--max-age", "26h");
    days(1);
    assertThat(listed()).hasSize(1);
  }

  @Test
  void forget_newestVerifiedSnapshotGoes_saysSo() throws IOException {
    List<String> ids = days(2);
    succeed("verify", "--snapshot", ids.getFirst());
    endsWith(1, "forget", "--keep-last", "1", "--yes");
    assertThat(screen.out()).contains("WARN  " + ids.getFirst() + " is the newest verified");
  }

  @Test
  void forgetPrune_withoutGrace_freesAtOnce() throws IOException {
    days(3);
    long before = storedBytes();
    JsonNode done = json("forget", "--keep-last", "1", "--yes", "--prune", "--grace", "0s");
    assertThat(done.get("forgotten").size()).isEqualTo(2);
    assertThat(done.get("pruned").get("bytes").asLong()).isPositive();
    assertThat(storedBytes()).isLessThan(before / 2);
    succeed("verify");
  }

  @Test
  void prune_besideSomeoneWhoReads_leavesWhatTheyMayReadAndSaysWho() throws IOException {
    days(3);
    succeed("forget", "--keep-last", "1", "--yes");
    long before = storedBytes();
    try (Repository open =
            Repository.open(
                new FileStore(Path.of(repository)),
                Optional.of(Passphrase.of(PASSPHRASE)),
                Clock.fixed(now, ZoneOffset.UTC));
        Lease lease = open.leases().acquireRead("restore")) {
      endsWith(1, "prune", "--grace", "0s");
      assertThat(screen.out())
          .contains("since someone may read them")
          .contains("restore")
          .contains("--wait 1h");
      assertThat(storedBytes()).isEqualTo(before);
      lease.check();
    }
    succeed("prune", "--grace", "0s");
    assertThat(storedBytes()).isLessThan(before / 2);
  }

  @Test
  void prune_besideAWriter_leavesTheCacheAlone() throws IOException {
    days(1);
    try (Repository open =
            Repository.open(
                new FileStore(Path.of(repository)),
                Optional.of(Passphrase.of(PASSPHRASE)),
                Clock.fixed(now, ZoneOffset.UTC));
        Lease lease = open.leases().acquire("cache-default", "backup")) {
      endsWith(6, "prune", "--cache", "default", "--grace", "0s");
      endsWith(1, "prune", "--grace", "0s");
      assertThat(screen.out()).contains("default: nothing was done: locked");
      endsWith(
          6,
          "forget",
          "--keep-last",
          "1",
          "--cache",
          "default",
          "--yes",
          "--allow-none",
          "--prune");
      endsWith(6, "compact");
      endsWith(6, "keep", "latest");
      lease.check();
    }
  }

  @Test
  void compact_snapshotOfTwoShards_hasOneRunAndPruneFreesTheOthers() throws IOException {
    List<String> ids = days(2);
    JsonNode compacted = json("compact").get(0);
    assertThat(compacted.get("snapshot").asString()).isEqualTo(ids.getLast());
    assertThat(compacted.get("runsBefore").asInt()).isEqualTo(2);
    assertThat(compacted.get("runs").asInt()).isEqualTo(1);
    succeed("compact");
    assertThat(screen.out()).isEqualTo("nothing to merge\n");
    succeed("compact", "--all");
    assertThat(screen.out()).isEqualTo("nothing to merge\n");
    long before = storedBytes();
    succeed("verify");
    succeed("prune", "--grace", "0s");
    assertThat(screen.out()).contains(ids.getLast() + ", compacted since");
    assertThat(storedBytes()).isLessThan(before);
    succeed("verify");
    assertThat(listed()).isEqualTo(ids);
    endsWith(2, "compact", "--all", "latest");
  }
}
