package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.backup.BackupResult;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A standalone server loses everything and gets it back, on every engine that is here.
class BackupRestoreIT {
  private static final int RANDOM_KEYS = 300;

  static Stream<Engine> engines() {
    return Engines.all();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void restore_afterFlushall_givesBackEveryTypeInEveryDatabase(Engine engine) throws Exception {
    try (TestServer server = TestServer.start(engine);
        Story story = Story.inMemory()) {
      Dataset.of(1, RANDOM_KEYS).writeTo(server);
      Contents before = Oracle.read(server);
      BackupResult backup = story.backup(server.uri());
      lose(server);

      RestoreResult restored = story.restore(server.uri());

      assertThat(restored.plan().loader()).isEqualTo(Loader.REPLICATION);
      assertThat(restored.proven()).isTrue();
      assertThat(restored.records()).isEqualTo(backup.manifest().records());
      assertThat(before.differences(Oracle.read(server))).isEmpty();
      assertThat(server.info("replication").get("role")).isEqualTo("master");
      assertThat(Raw.describe(server.call("CONFIG", "GET", "repl-diskless-load")))
          .contains("disabled");
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void restore_byCommands_givesBackTheSame(Engine engine) throws Exception {
    try (TestServer server = TestServer.start(engine);
        Story story = Story.inMemory()) {
      Dataset.of(2, RANDOM_KEYS).writeTo(server);
      Contents before = Oracle.read(server);
      story.backup(server.uri());
      lose(server);

      RestoreResult restored =
          story.restore(Story.restoreRequest(server.uri(), Existing.REFUSE, Loader.RESTORE));

      assertThat(restored.proven()).isTrue();
      assertThat(before.differences(Oracle.read(server))).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("engines")
  void backup_fromReplicaWhileDatabase3IsWritten_keepsDatabases(Engine engine) throws Exception {
    try (TestServer primary = TestServer.start(engine);
        TestServer replica = TestServer.start(engine, "replicaof 127.0.0.1 " + primary.port());
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      Dataset.of(3, RANDOM_KEYS).writeTo(primary);
      replica.awaitLinkUp();
      primary.awaitReplicas(1);
      Writer writer = Writer.to(primary, 3);
      BackupResult backup;
      try (writer) {
        backup = story.backup(primary.uri());
      }

      RestoreResult restored = story.restore(target.uri());

      assertThat(backup.manifest().shards().getFirst().role()).isEqualTo("replica");
      assertThat(restored.proven()).isTrue();
      assertThat(target.keys(3)).isBetween(primary.keys(3) - writer.written(), primary.keys(3));
      assertThat(target.keys(0)).isEqualTo(primary.keys(0));
      assertThat(target.keys(15)).isEqualTo(primary.keys(15));
    }
  }

  private static void lose(TestServer server) {
    server.text("FLUSHALL");
    if (server.engine().hasFunctions()) {
      server.text("FUNCTION", "FLUSH");
    }
  }
}
