package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.BackupResult;
import io.ringkeep.repository.manifest.Added;
import io.ringkeep.repository.manifest.Collapse;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Backups that store what changed.
class IncrementalIT {
  private static final int RANDOM_KEYS = 300;

  /// What a backup may cost that finds nothing new.
  private static final long NOTHING_BYTES = 256 * 1024;

  static Stream<Engine> engines() {
    return Engines.all();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void backup_ofEveryTypeAfterFewChanges_storesThoseAndRestoresAll(Engine engine) throws Exception {
    try (TestServer server = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      Dataset.of(1, RANDOM_KEYS).writeTo(server);
      BackupResult full = story.backup(server.uri());
      byte[] gone = (byte[]) Objects.requireNonNull(server.call("RANDOMKEY")); // not always text
      assertThat(server.call("DEL".getBytes(StandardCharsets.US_ASCII), gone)).isEqualTo(1L);
      server.text("SET", "new:key", "new value");
      server.text("RPUSH", "changed:list", "one");
      Contents now = Oracle.read(server);

      Manifest changes = story.backup(server.uri()).manifest();

      assertThat(changes.added().kind()).isEqualTo(Added.Kind.INCREMENTAL);
      assertThat(changes.added().base()).contains(full.manifest().id());
      assertThat(changes.added().changed()).isEqualTo(2);
      assertThat(changes.added().removed()).isEqualTo(1);
      assertThat(changes.runs()).hasSize(full.manifest().runs().size() + 1);
      RestoreResult restored = story.restore(target.uri());
      assertThat(restored.proven()).isTrue();
      assertThat(now.differences(Oracle.read(target))).isEmpty();
    }
  }

  @Test
  void backup_afterRestartThatReshufflesEverything_storesNothing() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      Dataset.of(2, RANDOM_KEYS).writeTo(server);
      story.backup(server.uri());
      long before = storedBytes(story);
      server.text("DEBUG", "RELOAD");
      server.text("CONFIG", "SET", "hash-max-listpack-entries", "1");

      BackupResult changes = story.backup(server.uri());

      assertThat(changes.manifest().added().changed()).isZero();
      assertThat(changes.manifest().added().removed()).isZero();
      assertThat(storedBytes(story) - before).isLessThan(NOTHING_BYTES);
    }
  }

  @Test
  void backup_afterReshardFromThreeToFive_storesNothing() throws Exception {
    try (TestCluster three = TestCluster.start(Engines.redis70(), 3);
        TestCluster five = TestCluster.start(Engines.newest(), 5);
        Story story = Story.inMemory()) {
      Dataset.of(3, RANDOM_KEYS).withoutFunctions().writeTo(three);
      story.backup(three.uri());
      story.restore(five.uri());

      Manifest changes = story.backup(Story.adopting(story.request(five.uri()))).manifest();

      assertThat(changes.added().kind()).isEqualTo(Added.Kind.INCREMENTAL);
      assertThat(changes.added().changed()).isZero();
      assertThat(changes.added().removed()).isZero();
    }
  }

  @Test
  void backup_machineThatKnowsNothing_readsTheSnapshotAndStoresChangesAllTheSame()
      throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      Dataset.of(4, RANDOM_KEYS).writeTo(server);
      story.backup(server.uri());
      for (Path file : known(story)) {
        Files.delete(file);
      }
      server.text("SET", "new:key", "new value");

      Manifest changes = story.backup(server.uri()).manifest();

      assertThat(changes.added().changed()).isEqualTo(1);
      assertThat(known(story)).hasSize(1);
    }
  }

  @Test
  void backup_ofPrimaryThatRestartedEmpty_isMarkedAndLatestStaysTheOneBefore() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      server.text("DEBUG", "POPULATE", "2000", "key", "20");
      Contents before = Oracle.read(server);
      Manifest good = story.backup(server.uri()).manifest();
      server.text("FLUSHALL");
      server.text("SET", "left", "1");

      Manifest collapsed = story.backup(server.uri()).manifest();

      assertThat(collapsed.collapse()).contains(new Collapse(good.id(), 2000));
      assertThat(story.repository().snapshots("default").resolve("latest").id())
          .isEqualTo(good.id());
      RestoreResult restored = story.restore(target.uri());
      assertThat(restored.warnings()).anyMatch(line -> line.contains(collapsed.id()));
      assertThat(before.differences(Oracle.read(target))).isEmpty();

      // The data comes back: compared with the good one, nothing of it is new.
      server.text("DEL", "left");
      server.text("DEBUG", "POPULATE", "2000", "key", "20");
      Manifest again = story.backup(server.uri()).manifest();
      assertThat(again.added().base()).contains(good.id());
      assertThat(again.added().changed()).isZero();
      assertThat(again.collapse()).isEmpty();

      server.text("FLUSHALL");
      BackupRequest accepting = story.request(server.uri(), /* full= */ false, true);
      Manifest accepted = story.backup(accepting).manifest();
      assertThat(accepted.collapse()).isEmpty();
      assertThat(story.repository().snapshots("default").resolve("latest").id())
          .isEqualTo(accepted.id());
    }
  }

  @Test
  void backup_runOfTheSnapshotBeforeIsLost_namesItAndStoresEverything() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      Dataset.of(5, RANDOM_KEYS).writeTo(server);
      Contents before = Oracle.read(server);
      Manifest damaged = story.backup(server.uri()).manifest();
      story.repository().store().delete(damaged.runs().getFirst().objects().getFirst().name());

      BackupResult next = story.backup(server.uri());

      assertThat(next.manifest().added().kind()).isEqualTo(Added.Kind.FULL);
      assertThat(next.warnings()).anyMatch(line -> line.contains(damaged.id()));
      assertThat(story.restore(target.uri()).proven()).isTrue();
      assertThat(before.differences(Oracle.read(target))).isEmpty();
    }
  }

  private static long storedBytes(Story story) throws Exception {
    return story.repository().store().list("caches/").stream()
        .mapToLong(object -> object.sizeBytes())
        .sum();
  }

  private static List<Path> known(Story story) throws Exception {
    try (Stream<Path> files = Files.list(story.folder())) {
      return files.toList();
    }
  }
}
