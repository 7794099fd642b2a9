package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.BackupResult;
import io.ringkeep.backup.Via;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Secret;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A source that refuses `PSYNC` is read key by key.
class ScanBackupIT {
  static Stream<Engine> engines() {
    return Stream.of(
            Optional.of(Engines.redis62()),
            Optional.of(Engines.redis70()),
            Engines.redis80(),
            Engines.valkey9())
        .flatMap(Optional::stream);
  }

  @ParameterizedTest
  @MethodSource("engines")
  void backup_viaScanOfAServerWithoutPsync_restoresToTheSame(Engine engine) throws Exception {
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      Dataset.of(31, 300).withoutFunctions().writeTo(source);
      source.text(
          "ACL",
          "SETUSER",
          "managed",
          "on",
          ">secret",
          "~*",
          "+@all",
          "-psync",
          "-sync",
          "-replconf");
      Contents before = Oracle.read(source);
      BackupRequest request = managed(story, source);

      BackupException.AccessDenied denied =
          catchThrowableOfType(BackupException.AccessDenied.class, () -> story.backup(request));
      assertThat(denied.hint()).hasValueSatisfying(hint -> assertThat(hint).contains("--via scan"));
      BackupResult backup = story.backup(request.with(Via.SCAN));

      assertThat(backup.manifest().consistency().level()).isEqualTo("fuzzy");
      assertThat(backup.manifest().origin()).isEqualTo("scan");
      assertThat(backup.warnings()).anyMatch(line -> line.contains("moment of its own"));
      RestoreResult restored = story.restore(target.uri());
      assertThat(restored.proven()).isTrue();
      assertThat(restored.plan().warnings()).anyMatch(line -> line.contains("fuzzy"));
      if (engine.hasFunctions()) {
        assertThat(before.differences(Oracle.read(target))).isEmpty();
      } else {
        assertThat(target.keys(0)).isEqualTo(source.keys(0));
      }
    }
  }

  @Test
  void backup_viaScanOfACluster_readsEveryShard() throws Exception {
    try (TestCluster source = TestCluster.start(Engines.redis70(), 3);
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      Dataset.of(32, 300).withoutFunctions().writeTo(source);

      story.backup(story.request(source.uri()).with(Via.SCAN));

      assertThat(story.restore(target.uri()).proven()).isTrue();
      assertThat(Oracle.read(source).differences(Oracle.read(target))).isEmpty();
    }
  }

  @Test
  void backup_viaScanWhileItIsWritten_holdsEveryKeyThatStayedAndEachOnce() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      source.text("DEBUG", "POPULATE", "20000", "stays", "60");
      Writer writer = Writer.to(source, 0);
      BackupResult backup;
      try (writer) {
        backup = story.backup(story.request(source.uri()).with(Via.SCAN));
      }

      assertThat(backup.manifest().records()).isBetween(20_000L, source.keys(0));
      story.restore(target.uri());
      assertThat(target.text("EVAL", "return #redis.call('KEYS', 'stays:*')", "0"))
          .isEqualTo("20000");
    }
  }

  private static BackupRequest managed(Story story, TestServer source) {
    return Story.as(
        ConnectionOptions.DEFAULT
            .withUser(Optional.of("managed"))
            .withPassword(Optional.of(Secret.of("secret"))),
        story.request(source.uri()));
  }
}
