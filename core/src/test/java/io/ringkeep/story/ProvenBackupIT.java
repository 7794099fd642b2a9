package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.backup.BackupResult;
import io.ringkeep.backup.RdbImport;
import io.ringkeep.backup.SourceChecks;
import io.ringkeep.check.CheckLine;
import io.ringkeep.model.BackupException;
import io.ringkeep.restore.RdbExport;
import io.ringkeep.status.CacheStatus;
import io.ringkeep.status.Status;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import io.ringkeep.verify.Drill;
import io.ringkeep.verify.DrillRequest;
import io.ringkeep.verify.DrillResult;
import io.ringkeep.verify.Verify;
import io.ringkeep.verify.VerifyResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Backups that are verified, drilled, exported and imported.
class ProvenBackupIT {
  private static final int RANDOM_KEYS = 200;
  private static final Duration MINUTES = Duration.ofMinutes(2);

  @TempDir Path folder;

  static Stream<Engine> engines() {
    return Engines.few();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void drill_loadsTheSnapshotIntoARealServerAndStatusKnows(Engine engine) throws Exception {
    try (TestServer server = TestServer.start(engine);
        Story story = Story.inMemory()) {
      Dataset.of(7, RANDOM_KEYS).writeTo(server);
      BackupResult backup = story.backup(server.uri());
      assertThat(status(story).healthy()).isFalse();

      DrillResult drill =
          Drill.run(
              new DrillRequest("default", "latest", Optional.of(engine.server()), MINUTES),
              story.repository(),
              Story.CLOCK,
              Progress.silent());

      assertThat(drill.records()).isEqualTo(backup.manifest().records());
      assertThat(status(story).drilled()).isPresent();
      assertThat(status(story).healthy()).isTrue();
    }
  }

  @Test
  void drill_withTooOldAServer_namesVersionsThatCan() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      server.text("HSET", "small", "field", "value");
      story.backup(server.uri());

      BackupException.InvalidRequest refused =
          catchThrowableOfType(
              BackupException.InvalidRequest.class,
              () ->
                  Drill.run(
                      new DrillRequest(
                          "default", "latest", Optional.of(Engines.redis62().server()), MINUTES),
                      story.repository(),
                      Story.CLOCK,
                      Progress.silent()));

      assertThat(refused.exitCode()).isEqualTo(2);
      assertThat(refused.hint()).hasValueSatisfying(hint -> assertThat(hint).contains("7.0"));
    }
  }

  @Test
  void verify_ofWholeSnapshots_isClean_andCountsForStatus() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      Dataset.of(8, RANDOM_KEYS).writeTo(server);
      story.backup(server.uri());
      BackupResult second = story.backup(server.uri());

      VerifyResult verified =
          Verify.run(
              story.repository(),
              Optional.empty(),
              Optional.empty(),
              Story.CLOCK,
              Progress.silent());

      assertThat(verified.findings()).isEmpty();
      assertThat(verified.snapshots()).hasSize(2);
      // Nothing changed between them: both stand on the same run, which is read once.
      assertThat(verified.records()).isEqualTo(second.manifest().records());
      assertThat(status(story).verified()).isPresent();
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void export_thenLoadByTheServerItself_holdsTheSame(Engine engine) throws Exception {
    try (TestServer server = TestServer.start(engine);
        Story story = Story.inMemory()) {
      Dataset.of(9, RANDOM_KEYS).writeTo(server);
      Contents before = Oracle.read(server);
      BackupResult backup = story.backup(server.uri());
      Path file = folder.resolve("export.rdb");

      RdbExport.run(story.repository(), backup.manifest(), file, 1, Story.CLOCK, Progress.silent());
      server.stop();
      Files.copy(file, server.directory().resolve("dump.rdb"), StandardCopyOption.REPLACE_EXISTING);
      server.start();

      assertThat(before.differences(Oracle.read(server))).isEmpty();
    }
  }

  @Test
  void import_ofFilesThatPeopleHave_restoresLikeABackup() throws Exception {
    try (TestCluster source = TestCluster.start(Engines.redis70(), 3);
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      Dataset.of(10, RANDOM_KEYS).withoutFunctions().writeTo(source);
      Contents before = Oracle.read(source);
      List<Path> files =
          source.primaries().stream()
              .map(server -> {
                server.text("SAVE");
                return server.directory().resolve("dump.rdb");
              })
              .toList();

      BackupResult imported =
          RdbImport.run(story.repository(), "default", files, Story.CLOCK, Progress.silent());
      story.restore(target.uri());

      assertThat(imported.manifest().origin()).isEqualTo("import");
      assertThat(before.differences(Oracle.read(target))).isEmpty();
    }
  }

  @Test
  void import_ofTheSameFileTwice_isRefused() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      server.text("SET", "a", "1");
      server.text("SAVE");
      Path file = server.directory().resolve("dump.rdb");

      assertThat(
              catchThrowableOfType(
                  BackupException.InvalidRequest.class,
                  () ->
                      RdbImport.run(
                          story.repository(),
                          "default",
                          List.of(file, file),
                          Story.CLOCK,
                          Progress.silent())))
          .hasMessageContaining("same keys");
    }
  }

  @Test
  void import_ofDamagedFile_namesFileAndOffset() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      server.text("DEBUG", "POPULATE", "1000", "key", "50");
      server.text("SAVE");
      byte[] bytes = Files.readAllBytes(server.directory().resolve("dump.rdb"));
      bytes[bytes.length / 2] ^= 1;
      Path damaged = Files.write(folder.resolve("damaged.rdb"), bytes);

      BackupException corrupt =
          catchThrowableOfType(BackupException.class, () -> importInto(story, damaged));

      assertThat(corrupt.exitCode()).isIn(7, 8);
      assertThat(corrupt).hasMessageContaining("damaged.rdb").hasMessageContaining("offset");
    }
  }

  @Test
  void import_ofNewerRdbVersion_namesFileVersionAndWhatIsRead() throws Exception {
    try (Story story = Story.inMemory()) {
      Path newer = Files.write(folder.resolve("newer.rdb"), ascii("REDIS0016rest"));

      BackupException.UnsupportedFormat refused =
          catchThrowableOfType(
              BackupException.UnsupportedFormat.class, () -> importInto(story, newer));

      assertThat(refused.exitCode()).isEqualTo(8);
      assertThat(refused)
          .hasMessageContaining("newer.rdb")
          .hasMessageContaining("version=REDIS0016 known=REDIS0001 to REDIS0015, VALKEY080");
      assertThat(refused.hint().orElseThrow()).contains("release of Ringkeep");
      assertThat(story.repository().snapshots("default").references()).isEmpty();
    }
  }

  @Test
  void status_afterImportOfOldFile_countsFromWhenItWasSaved() throws Exception {
    Duration age = Duration.ofDays(3);
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      server.text("SET", "a", "1");
      server.text("SAVE");
      ByteBuffer rdb =
          ByteBuffer.wrap(Files.readAllBytes(server.directory().resolve("dump.rdb")))
              .order(ByteOrder.LITTLE_ENDIAN);
      // A field of the file's head: the name, then a byte that says 32 bits follow.
      int time = new String(rdb.array(), StandardCharsets.ISO_8859_1).indexOf("ctime") + 6;
      rdb.putInt(time, Math.toIntExact(rdb.getInt(time) - age.toSeconds()));
      rdb.putLong(rdb.limit() - Long.BYTES, 0); // "no checksum"
      Path copy = Files.write(folder.resolve("old.rdb"), rdb.array());
      rdb.put(time - 6, ascii("other"));
      Path dated = Files.write(folder.resolve("dated.rdb"), rdb.array());
      Files.setLastModifiedTime(dated, FileTime.from(Story.CLOCK.instant().minus(age)));

      for (Path file : List.of(copy, dated)) {
        importInto(story, file);
        CacheStatus status =
            Status.of(story.repository(), Optional.of(age.minusHours(1)), Story.CLOCK).getFirst();

        assertThat(status.age().orElseThrow()).as(file.toString()).isBetween(age, age.plusHours(1));
        assertThat(status.healthy()).isFalse();
        assertThat(status.findings()).anyMatch(finding -> finding.contains("too old"));
      }
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static BackupResult importInto(Story story, Path file) throws IOException {
    return RdbImport.run(
        story.repository(), "default", List.of(file), Story.CLOCK, Progress.silent());
  }

  @Test
  void check_ofSource_forksNothingAndNamesEachFinding() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      List<CheckLine> lines = SourceChecks.of(story.request(server.uri()), story.repository());

      assertThat(lines).noneMatch(line -> line.level() == CheckLine.Level.FAIL);
      assertThat(lines)
          .extracting(CheckLine::subject)
          .anyMatch(subject -> subject.endsWith("rights"))
          .anyMatch(subject -> subject.endsWith("memory"))
          .anyMatch(subject -> subject.endsWith("version"));
      assertThat(server.info("stats").get("total_forks")).isEqualTo("0");
    }
  }

  private static CacheStatus status(Story story) throws Exception {
    return Status.of(story.repository(), Optional.of(Duration.ofHours(26)), Story.CLOCK).getFirst();
  }
}
