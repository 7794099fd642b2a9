package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What people get from a repository that is damaged, of a later version, or full: the file, what
/// it affects and the next step; and a target keeps what it has.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DamagedRepositoryIT {
  private static final String PASSPHRASE = "correct horse battery staple";
  private static final int CORRUPT = 7;

  private final Random random = Seeds.random("DamagedRepositoryIT");
  private Path folder;
  private Path repository;
  private Shell shell;
  private String snapshot;
  private TestServer source;
  private TestServer target;
  private Contents ofTarget;

  @BeforeAll
  void backUpOnce(@TempDir Path temporary) {
    folder = temporary;
    repository = folder.resolve("repository");
    shell = new Shell(repository.toString(), PASSPHRASE);
    source = TestServer.start(Engines.redis70());
    target = TestServer.start(Engines.redis70());
    source.call("DEBUG", "POPULATE", "2000", "key", "100");
    RandomValues.write(source, random, 1000, 4096);
    target.call("SET", "of the target", "kept");
    ofTarget = Oracle.read(target);
    shell.succeed("init");
    shell.succeed("backup", "--source", source.uri());
    shell.succeed("verify");
    snapshot = shell.json("list").get(0).get("id").asString();
  }

  @AfterAll
  void stop() {
    source.close();
    target.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "REPOSITORY",
        "keys/.*\\.json",
        "caches/default/manifest/.*\\.json",
        "caches/default/ledger/.*\\.json",
        "caches/default/run/.*\\.data",
        "caches/default/run/.*\\.index"
      })
  void damage_anyFileASnapshotNeeds_isNamedWithWhatItAffectsAndNotRestored(String kind)
      throws IOException {
    Path file = anyFile(kind);
    String name = repository.relativize(file).toString();
    byte[] whole = Files.readAllBytes(file);
    try {
      for (byte[] damaged : List.of(flipped(whole), truncated(whole))) {
        Files.write(file, damaged);
        assertNamed(name);
        assertNotRestored(name);
      }
    } finally {
      Files.write(file, whole);
    }
    shell.succeed("verify");
  }

  @Test
  void damage_proof_isNamedAndTheSnapshotCanBeRestored() throws IOException {
    Path file = anyFile("caches/default/proof/.*\\.json");
    String name = repository.relativize(file).toString();
    byte[] whole = Files.readAllBytes(file);
    try (TestServer empty = TestServer.start(Engines.redis70())) {
      for (byte[] damaged : List.of(flipped(whole), truncated(whole))) {
        Files.write(file, damaged);
        Launcher.Ended verified = shell.run("verify");
        assertThat(verified.exitCode()).as("%s", verified).isEqualTo(CORRUPT);
        assertThat(verified.out()).contains("DAMAGED", name, "affects no snapshot");
      }
      shell.succeed("restore", "--target", empty.uri(), "--yes");
      assertThat(Oracle.read(source).differences(Oracle.read(empty))).isEmpty();
    } finally {
      Files.write(file, whole);
    }
    shell.succeed("verify");
  }

  @Test
  void damage_foundWhileAnEmptyTargetIsLoaded_leavesItEmptyAndAPrimary() throws IOException {
    Path file = anyFile("caches/default/run/.*\\.data");
    byte[] whole = Files.readAllBytes(file);
    try (TestServer empty = TestServer.start(Engines.redis70())) {
      Files.write(file, flipped(whole));
      Launcher.Ended ended = shell.fail(CORRUPT, "restore", "--target", empty.uri(), "--yes");

      assertThat(ended.err()).contains(repository.relativize(file).toString());
      assertThat(empty.keys(0)).isZero();
      assertThat(empty.info("replication")).containsEntry("role", "master");
      assertThat(empty.setting("repl-diskless-load")).isEqualTo("disabled");
    } finally {
      Files.write(file, whole);
    }
  }

  @Test
  void passphrase_wrong_isDenied() {
    Shell stranger = new Shell(repository.toString(), "battery staple");
    for (String[] command : commands()) {
      assertThat(stranger.fail(5, command).err()).contains("wrong passphrase");
    }
    assertTargetUntouched();
  }

  @Test
  void format_newer_isRefusedByItsNumber() throws IOException {
    Path file = repository.resolve("REPOSITORY");
    byte[] ours = Files.readAllBytes(file);
    try {
      Files.write(file, newer(ours));
      for (String[] command : commands()) {
        assertThat(shell.fail(8, command).err())
            .contains("file=REPOSITORY", "format=2", "newest=1", "newer version");
      }
      assertTargetUntouched();
    } finally {
      Files.write(file, ours);
    }
  }

  // Large enough for the library that zstd unpacks, too small for the data.
  @Test
  void backup_diskFull_commitsNothingAndTheNextOneWorks() {
    int snapshots = shell.json("list").size();
    Launcher.Ended ended =
        Launcher.ofClasses(folder)
            .variable("RINGKEEP_PASSPHRASE", PASSPHRASE)
            .withLargestFile(/* kibibytes= */ 2048)
            .run("backup", "--full", "-r", repository.toString(), "--source", source.uri());

    assertThat(ended.exitCode()).as("%s", ended).isEqualTo(4);
    assertThat(ended.err())
        .contains("ringkeep: the file system refuses: file=" + repository, "reason=File too large")
        .contains("hint: free space")
        .doesNotContain("\tat ");
    JsonNode verified = shell.json("verify");
    assertThat(verified.get("whole").asBoolean()).as("%s", verified).isTrue();
    assertThat(verified.get("snapshots").size()).isEqualTo(snapshots);
    assertThat(verified.get("orphans").size()).as("%s", verified).isZero();
    shell.succeed("backup", "--source", source.uri());
    assertThat(shell.json("list").size()).isEqualTo(snapshots + 1);
  }

  /// One command that reads, one that would destroy, one that writes.
  private List<String[]> commands() {
    return List.of(
        new String[] {"verify"},
        new String[] {"restore", "--target", target.uri(), "--existing", "replace", "--yes"},
        new String[] {"backup", "--source", source.uri()});
  }

  private void assertNamed(String name) {
    Launcher.Ended verified = shell.run("verify");
    assertThat(verified.exitCode()).as("%s", verified).isEqualTo(CORRUPT);
    if (verified.out().isEmpty()) {
      // It cannot even be opened.
      assertThat(verified.err()).contains(name, "hint: all snapshots need this file");
    } else {
      assertThat(verified.out()).contains("DAMAGED", name, "affects", snapshot);
    }
  }

  private void assertNotRestored(String name) {
    Launcher.Ended ended =
        shell.fail(
            CORRUPT,
            "restore",
            "--snapshot",
            snapshot,
            "--target",
            target.uri(),
            "--existing",
            "replace",
            "--yes");
    assertThat(ended.err()).contains(name);
    assertTargetUntouched();
  }

  private void assertTargetUntouched() {
    assertThat(ofTarget.differences(Oracle.read(target))).isEmpty();
    assertThat(target.info("replication")).containsEntry("role", "master");
    assertThat(target.setting("repl-diskless-load")).isEqualTo("disabled");
  }

  private Path anyFile(String pattern) throws IOException {
    try (Stream<Path> files = Files.walk(repository)) {
      List<Path> found =
          files
              .filter(Files::isRegularFile)
              .filter(file -> repository.relativize(file).toString().matches(pattern))
              .sorted()
              .toList();
      assertThat(found).as(pattern).isNotEmpty();
      return found.getFirst();
    }
  }

  private byte[] flipped(byte[] whole) {
    byte[] damaged = whole.clone();
    damaged[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
    return damaged;
  }

  private byte[] truncated(byte[] whole) {
    return Arrays.copyOf(whole, random.nextInt(whole.length));
  }

  /// The same document with another number and the checksum that belongs to it.
  private static byte[] newer(byte[] document) {
    String text = new String(document, StandardCharsets.UTF_8);
    String body = text.substring(0, text.indexOf(",\"crc32c\":"));
    assertThat(body).contains("\"format\":1,");
    String changed = body.replace("\"format\":1,", "\"format\":2,");
    CRC32C crc = new CRC32C();
    crc.update(changed.getBytes(StandardCharsets.UTF_8));
    return "%s,\"crc32c\":\"%08x\"}\n"
        .formatted(changed, crc.getValue())
        .getBytes(StandardCharsets.UTF_8);
  }
}
