package io.ringkeep.client.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.client.RestoreOptions;
import io.ringkeep.client.repository.KeyVersion.Origin;
import io.ringkeep.client.repository.KeyVersion.State;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.Slot;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An application's view of a key's versions, and any of them back in the live cache.
class RepositoryKeysIT {
  private static final String KEY = "cart:42";
  private static final Path ROOT = Path.of(System.getProperty("ringkeep.root"));

  @TempDir Path folder;

  /// What a server says of a key: its value, in words.
  private static String held(TestServer server, String key) {
    return switch (server.text("TYPE", key)) {
      case "none" -> "none";
      case "string" -> server.text("GET", key);
      case "hash" -> server.text("HGET", key, "item") + server.text("HGET", key, "n");
      default -> throw new AssertionError("another type");
    };
  }

  private static RepositoryKeys open(RepositoryAccess access) {
    return RepositoryKeys.open(access, Kept.CLOCK);
  }

  private static String what(KeyVersion version) {
    return switch (version.state()) {
      case State.Value value -> value.type() + " " + value.elements();
      case State.Gone gone -> gone.expired() ? "expired" : "deleted";
      case State.Unreadable unreadable -> throw new AssertionError(unreadable.reason());
    };
  }

  @Test
  void history_overSnapshots_hasEachVersionAndBringsEachBackByItsTime() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Kept kept = new Kept(folder, server.uri())) {
      List<String> expected = new ArrayList<>();
      server.text("SET", "other", "stays");
      server.text("HSET", KEY, "item", "book", "n", "1");
      expected.add(held(server, KEY));
      kept.backup();
      server.text("SET", "other", "changes nothing of the key");
      kept.backup();
      server.text("HSET", KEY, "n", "22");
      expected.add(held(server, KEY));
      kept.backup();
      server.text("DEL", KEY);
      expected.add("none");
      kept.backup();
      server.text("SET", KEY, "anew", "PXAT", "4000000000000");
      expected.add(held(server, KEY));
      kept.backup();
      server.text("SET", KEY, "live");

      try (RepositoryKeys keys = open(kept.access())) {
        KeyPast past = keys.history(KEY);

        assertThat(past.versions().stream().map(RepositoryKeysIT::what))
            .containsExactly("hash 2", "hash 2", "deleted", "string 4");
        assertThat(past.unknown()).isEmpty();
        assertThat(((State.Value) past.versions().getLast().state()).expiry())
            .contains(Instant.ofEpochMilli(4_000_000_000_000L));
        for (int i = 0; i < expected.size(); i++) {
          Instant since = past.versions().get(i).since();
          if (expected.get(i).equals("none")) {
            assertThatThrownBy(() -> keys.restore(KEY, since)).isInstanceOf(NotFound.class);
            assertThat(held(server, KEY)).isEqualTo(expected.get(i - 1));
          } else {
            RestoredKey restored = keys.restore(KEY, since);
            assertThat(restored.proven()).isTrue();
            assertThat(restored.origin()).isEqualTo(past.versions().get(i).origin());
            assertThat(held(server, KEY)).isEqualTo(expected.get(i));
          }
        }
        assertThat(server.call("PEXPIRETIME", KEY)).isEqualTo(4_000_000_000_000L);
        assertThat(server.text("GET", "other")).isEqualTo("changes nothing of the key");
        assertThatThrownBy(() -> keys.history("no:such")).isInstanceOf(NotFound.class);
        assertThatThrownBy(() -> keys.restore(KEY, Instant.EPOCH)).isInstanceOf(NotFound.class);
      }
    }
  }

  @Test
  void restore_withOptions_keepsReplacesAndExpiresAsTheySay() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Kept kept = new Kept(folder, server.uri())) {
      server.text("SET", KEY, "then");
      server.text("SET", "short", "lived", "PX", "5000");
      kept.backup();
      Instant then = Kept.CLOCK.instant();
      server.text("SET", KEY, "now");

      try (RepositoryKeys keys = open(kept.access())) {
        RestoreOptions absent = RestoreOptions.DEFAULT.ifAbsent();
        assertThatThrownBy(() -> keys.restore(KEY, then, KEY, absent))
            .isInstanceOf(TargetRefused.class);
        assertThat(server.text("GET", KEY)).isEqualTo("now");

        keys.restore(KEY, then, "beside", absent.ttl(Duration.ofHours(1)));
        assertThat(server.text("GET", "beside")).isEqualTo("then");
        assertThat(Long.parseLong(server.text("PTTL", "beside"))).isBetween(3_000_000L, 3_600_000L);
        assertThat(server.text("GET", KEY)).isEqualTo("now");

        keys.restore(KEY, then);
        assertThat(server.text("GET", KEY)).isEqualTo("then");
        assertThat(server.text("PTTL", KEY)).isEqualTo("-1");

        // Its time is over: it does not come back by accident, and takes nothing with it.
        server.await("its end", () -> Raw.number(server.call("EXISTS", "short")) == 0);
        server.text("SET", "short", "another");
        assertThatThrownBy(() -> keys.restore("short", then)).isInstanceOf(InvalidRequest.class);
        assertThat(server.text("GET", "short")).isEqualTo("another");
        keys.restore("short", then, "short", RestoreOptions.DEFAULT.persist());
        assertThat(server.text("GET", "short")).isEqualTo("lived");
        assertThat(server.text("PTTL", "short")).isEqualTo("-1");
      }
      assertThatThrownBy(() -> open(kept.access().passphrase("wrong")))
          .isInstanceOf(AccessDenied.class);
    }
  }

  @Test
  void restore_fromDamagedBytes_replacesNothing() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Kept kept = new Kept(folder, server.uri())) {
      server.text("SET", KEY, "then");
      kept.backup();
      Instant then = Kept.CLOCK.instant();
      server.text("SET", KEY, "now");
      try (Stream<Path> files = Files.walk(kept.repositoryFolder())) {
        for (Path file : files.filter(file -> file.toString().contains("/run/")).toList()) {
          if (Files.isRegularFile(file)) {
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            file.toFile().setWritable(true);
            Files.write(file, bytes);
          }
        }
      }
      try (RepositoryKeys keys = open(kept.access())) {
        assertThatThrownBy(() -> keys.restore(KEY, then)).isInstanceOf(CorruptData.class);
        assertThat(server.text("GET", KEY)).isEqualTo("now");
        assertThat(keys.history(KEY).versions())
            .allSatisfy(
                version -> assertThat(version.state()).isInstanceOf(State.Unreadable.class));
      }
    }
  }

  @Test
  void history_withALog_hasEachChangeBetweenBackupsAndBringsEachBack() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Kept kept = new Kept(folder, server.uri())) {
      List<String> expected = new ArrayList<>();
      server.text("SET", KEY, "before");
      expected.add("before");
      kept.archiving(archiver -> {
        kept.awaitTold(archiver, server);
        for (String value : List.of("first", "second", "none", "third")) {
          if (value.equals("none")) {
            server.text("DEL", KEY);
          } else {
            server.text("SET", KEY, value);
          }
          expected.add(value);
          kept.awaitTold(archiver, server);
          if (value.equals("second")) {
            // What the log tells is not told twice.
            kept.backupBeside(archiver);
          }
        }
      });
      server.text("SET", KEY, "live");

      try (RepositoryKeys keys = open(kept.access().engine(Engines.redis70().server()))) {
        KeyPast past = keys.history(KEY);

        assertThat(past.unknown()).isEmpty();
        assertThat(past.versions()).as("%s", past).hasSize(expected.size());
        assertThat(past.versions().getFirst().origin()).isInstanceOf(Origin.Snapshot.class);
        assertThat(past.versions().stream().skip(1))
            .allSatisfy(version -> assertThat(version.origin()).isInstanceOf(Origin.Log.class));
        for (int i = 0; i < expected.size(); i++) {
          Instant since = past.versions().get(i).since();
          if (expected.get(i).equals("none")) {
            assertThatThrownBy(() -> keys.restore(KEY, since)).isInstanceOf(NotFound.class);
          } else {
            keys.restore(KEY, since, "back:" + i, RestoreOptions.DEFAULT);
            assertThat(server.text("GET", "back:" + i)).isEqualTo(expected.get(i));
          }
        }
        assertThat(server.text("GET", KEY)).isEqualTo("live");
      }
    }
  }

  @Test
  void restore_intoACluster_underAnotherName_goesToThatNamesServer() throws Exception {
    try (TestCluster cluster = TestCluster.start(Engines.redis70(), 3);
        Kept kept = new Kept(folder, cluster.uri())) {
      owner(cluster, KEY).text("SET", KEY, "then");
      kept.backup();
      Instant then = Kept.CLOCK.instant();

      try (RepositoryKeys keys = open(kept.access())) {
        for (int i = 0; i < 8; i++) {
          String to = "back:" + i;
          RestoredKey restored = keys.restore(KEY, then, to, RestoreOptions.DEFAULT);
          assertThat(owner(cluster, to).text("GET", to)).isEqualTo("then");
          assertThat(restored.server()).isEqualTo(owner(cluster, to).address());
        }
      }
    }
  }

  private static TestServer owner(TestCluster cluster, String key) {
    return cluster.owner(Slot.of(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void example_inJava_showsThePastAndBringsTheFirstVersionBack() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Kept kept = new Kept(folder, server.uri())) {
      server.text("SET", KEY, "first");
      kept.backup();
      server.text("SET", KEY, "second, longer");
      kept.backup();
      Path out = folder.resolve("out");
      ProcessBuilder builder =
          new ProcessBuilder(
              ProcessHandle.current().info().command().orElseThrow(),
              "-cp",
              System.getProperty("java.class.path"),
              ROOT.resolve("examples/key-history/History.java").toString(),
              kept.repositoryFolder().toString(),
              server.uri(),
              KEY);
      builder.environment().put("RINGKEEP_PASSPHRASE", Kept.PASSPHRASE);
      Process process = builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();

      assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(out)).isZero();
      assertThat(Files.readString(out)).contains("elements=5").contains("elements=14");
      assertThat(server.text("GET", KEY + ":first")).isEqualTo("first");
    }
  }
}
