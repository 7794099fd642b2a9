package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.backup.RdbImport;
import io.ringkeep.model.BackupException;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.restore.RdbExport;
import io.ringkeep.restore.RestoreOptions;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What Redis 8.8 and 8.10 write, made from the format since no such server is at hand, is restored
/// onto real servers of today.
class NewerFormatIT {
  /// A stream of type 27: two pending entries, of which a consumer owns the first.
  private static final String STREAM =
      "011000000000000000640000000000000001404444000000180002010101010181610200010201000100"
          + "01836f6e6504040103010001010184676f6e6505040100010501070102018162028374776f0481630203"
          + "010801ff024069084064014064020302016740690802020000000000000064000000000000000100806e"
          + "8774010000030000000000000069000000000000000801806e8774010000010105616c69636502806e87"
          + "7401000002806e8774010000010000000000000064000000000000000101000000000000006900000000"
          + "000000080469646c6500000000000040644064000000";

  /// Two hashes that share a template, types 30 and 32, and the stream.
  private static final String RDB =
      hex("REDIS0015")
          + "fe00"
          + ("f20002" + "03" + hex("age") + "05" + hex("email"))
          + ("1e06" + hex("packed") + "10" + "1000000003000001" + "2a01" + "8365407804" + "ff")
          + ("2005" + hex("array") + "00" + "c007" + "02" + hex("-8"))
          + ("1b06" + hex("stream") + STREAM)
          + "ff0000000000000000";

  /// The same, and an array, type 28: an integer under index 0, a double under 300.
  private static final String RDB_WITH_ARRAY =
      RDB.replaceFirst("ff0{16}$", "")
          + ("1c05" + hex("cells") + "020141f4" + "0001d6ffffffffffffff" + "412c02000000000000f83f")
          + "ff0000000000000000";

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void restore_ofWhatRedis810Writes_isAllThatTheServerCanHoldAndListsTheRest(Engine engine)
      throws Exception {
    try (TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      importInto(story, RDB);
      RestoreRequest request = Story.restoreRequest(target.uri());

      BackupException.TargetRefused refused =
          catchThrowableOfType(BackupException.TargetRefused.class, () -> story.restore(request));
      assertThat(refused).hasMessageContaining("that consumers handed back");
      assertThat(target.keys(0)).isZero();
      RestoreResult restored =
          story.restore(request.with(RestoreOptions.PLAIN.with(but -> but.dropUnsupported(true))));

      assertThat(restored.proven()).isTrue();
      assertThat(target.keys(0)).isEqualTo(3);
      assertThat(target.text("HGET", "packed", "age")).isEqualTo("42");
      assertThat(target.text("HGET", "packed", "email")).isEqualTo("e@x");
      assertThat(target.text("HGET", "array", "age")).isEqualTo("7");
      assertThat(target.text("HGET", "array", "email")).isEqualTo("-8");
      assertThat(Raw.describe(target.call("XPENDING", "stream", "g"))).contains("alice");
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void restore_ofAnArray_isRefusedByAnOlderServerUnlessItMayBeLeftOut(Engine engine)
      throws Exception {
    try (TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      importInto(story, RDB_WITH_ARRAY);
      RestoreRequest request = Story.restoreRequest(target.uri());

      BackupException.TargetRefused refused =
          catchThrowableOfType(BackupException.TargetRefused.class, () -> story.restore(request));
      assertThat(refused).hasMessageContaining("an array, which Redis 8.8 and newer have");
      assertThat(target.keys(0)).isZero();
      RestoreResult restored =
          story.restore(request.with(RestoreOptions.PLAIN.with(but -> but.dropUnsupported(true))));

      assertThat(restored.proven()).isTrue();
      assertThat(target.keys(0)).isEqualTo(3);
      assertThat(target.text("EXISTS", "cells")).isEqualTo("0");
    }
  }

  @Test
  void export_ofWhatRedis810Writes_isTheOldestVersionThatHoldsItAndReadAgain() throws Exception {
    try (Story story = Story.inMemory();
        Story again = Story.inMemory()) {
      Manifest imported = importInto(story, RDB_WITH_ARRAY);
      Path file = folder.resolve("export.rdb");

      RdbExport.run(story.repository(), imported, file, 1, Story.CLOCK, Progress.silent());

      assertThat(new String(Files.readAllBytes(file), 0, 9, StandardCharsets.US_ASCII))
          .isEqualTo("REDIS0014");
      assertThat(
              RdbImport.run(
                      again.repository(), "default", List.of(file), Story.CLOCK, Progress.silent())
                  .manifest()
                  .records())
          .isEqualTo(4);
    }
  }

  private Manifest importInto(Story story, String rdb) throws IOException {
    Path file = Files.write(folder.resolve("newer.rdb"), HexFormat.of().parseHex(rdb));
    return RdbImport.run(
            story.repository(), "default", List.of(file), Story.CLOCK, Progress.silent())
        .manifest();
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }
}
