package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.BackupResult;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Secret;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TcpRelay;
import io.ringkeep.testkit.TestServer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What a bad source gets: a clear error of the right kind, and nothing committed.
class BadSourceIT {
  private static final int KEYS = 20_000;

  @Test
  void backup_withWrongPassword_isDenied() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70(), "requirepass open-sesame");
        Story story = Story.inMemory()) {
      ConnectionOptions wrong =
          ConnectionOptions.DEFAULT.withPassword(Optional.of(Secret.of("abracadabra")));

      BackupException.AccessDenied denied =
          catchThrowableOfType(
              BackupException.AccessDenied.class,
              () -> story.backup(Story.as(wrong, story.request(server.uri()))));

      assertThat(denied.exitCode()).isEqualTo(5);
      assertThat(denied.getMessage()).doesNotContain("open-sesame").doesNotContain("abracadabra");
      assertNothingCommitted(story);
    }
  }

  @Test
  void backup_byUserWithoutRights_namesTheLineThatGrantsThem() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      server.text("SET", "a", "1");
      server.text("ACL", "SETUSER", "keeper", "on", ">pass", "-@all", "+ping", "+info");
      ConnectionOptions keeper =
          ConnectionOptions.DEFAULT
              .withUser(Optional.of("keeper"))
              .withPassword(Optional.of(Secret.of("pass")));
      BackupRequest request = Story.as(keeper, story.request(server.uri()));

      // Each refusal names one more right; whoever follows the hints gets there.
      for (int attempt = 0; attempt < 10; attempt++) {
        try {
          BackupResult result = story.backup(request);
          assertThat(result.manifest().records()).isEqualTo(1);
          assertThat(attempt).isGreaterThan(0);
          return;
        } catch (BackupException.AccessDenied denied) {
          Matcher line =
              Pattern.compile("ACL SETUSER keeper [+a-z|@ ~*-]+")
                  .matcher(denied.hint().orElseThrow());
          assertThat(line.find()).as(denied.hint().orElseThrow()).isTrue();
          server.call(line.group().trim().split(" "));
        }
      }
      throw new AssertionError("the hints led nowhere");
    }
  }

  @Test
  void backup_ofNobody_isUnavailable() throws Exception {
    int port;
    try (TestServer server = TestServer.start(Engines.redis70())) {
      port = server.port();
    }
    try (Story story = Story.inMemory()) {
      BackupException.Unavailable away =
          catchThrowableOfType(
              BackupException.Unavailable.class, () -> story.backup("redis://127.0.0.1:" + port));

      assertThat(away.getMessage()).contains("127.0.0.1:" + port);
      assertThat(away.exitCode()).isEqualTo(4);
    }
  }

  @Test
  void backup_fromReplicaOnly_withoutReplica_isRefused() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      BackupRequest plain = story.request(server.uri());
      BackupRequest replicaOnly =
          new BackupRequest(
              plain.cache(),
              plain.source(),
              plain.connection(),
              SourcePolicy.REPLICA,
              plain.maxLag(),
              plain.forksPerHost(),
              plain.limitBytesPerSecond(),
              plain.timeout(),
              plain.adopt(),
              plain.incremental());

      BackupException.Unavailable refused =
          catchThrowableOfType(BackupException.Unavailable.class, () -> story.backup(replicaOnly));

      assertThat(refused.hint()).hasValueSatisfying(hint -> assertThat(hint).contains("--from"));
      assertNothingCommitted(story);
    }
  }

  @Test
  void backup_withoutReplica_fallsBackToPrimaryAndSaysSo() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      assertThat(story.backup(server.uri()).warnings()).anyMatch(line -> line.contains("primary"));
    }
  }

  @Test
  void backup_whenSourceGoesAwayInMidRdb_commitsNothing() throws Exception {
    try (TestServer server = filled();
        TcpRelay relay = TcpRelay.to(server);
        Story story = Story.inMemory()) {
      relay.cutAfter(200_000);

      BackupException.Unavailable cut =
          catchThrowableOfType(
              BackupException.Unavailable.class, () -> story.backup("redis://" + relay.address()));

      assertThat(cut.exitCode()).isEqualTo(4);
      assertNothingCommitted(story);
      relay.heal();
      assertThat(story.backup("redis://" + relay.address()).manifest().records()).isEqualTo(KEYS);
    }
  }

  @Test
  void backup_ofStreamWithOneFlippedBit_isCorrupt() throws Exception {
    try (TestServer server = filled();
        TcpRelay relay = TcpRelay.to(server);
        Story story = Story.inMemory()) {
      relay.flipBitAt(200_000);

      BackupException corrupt =
          catchThrowableOfType(
              BackupException.class, () -> story.backup("redis://" + relay.address()));

      assertThat(corrupt.exitCode()).isIn(7, 8);
      assertNothingCommitted(story);
    }
  }

  @Test
  void backup_whileAnotherRuns_namesItsHolder() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory();
        Lease _ = story.repository().leases().acquire("cache-default", "backup")) {
      BackupException.Locked locked =
          catchThrowableOfType(BackupException.Locked.class, () -> story.backup(server.uri()));

      assertThat(locked.exitCode()).isEqualTo(6);
      assertThat(locked.getMessage()).contains(Long.toString(ProcessHandle.current().pid()));
    }
  }

  @Test
  void backup_ofAnotherCacheUnderTheSameName_isRefusedUnlessAdopted() throws Exception {
    try (Story story = Story.inMemory()) {
      try (TestServer first = TestServer.start(Engines.redis70())) {
        first.text("SET", "a", "1");
        story.backup(first.uri());
      }
      try (TestServer second = TestServer.start(Engines.redis70())) {
        second.text("SET", "b", "1");
        BackupException.InvalidRequest refused =
            catchThrowableOfType(
                BackupException.InvalidRequest.class, () -> story.backup(second.uri()));
        assertThat(refused.hint()).hasValueSatisfying(hint -> assertThat(hint).contains("--adopt"));
        BackupRequest plain = story.request(second.uri());
        BackupRequest adopting =
            new BackupRequest(
                plain.cache(),
                plain.source(),
                plain.connection(),
                plain.from(),
                plain.maxLag(),
                plain.forksPerHost(),
                plain.limitBytesPerSecond(),
                plain.timeout(),
                /* adopt= */ true,
                plain.incremental());
        assertThat(story.backup(adopting).manifest().records()).isEqualTo(1);
      }
    }
  }

  @Test
  void backup_ofPrimaryThatRestartedEmpty_warns() throws Exception {
    try (TestServer server = filled();
        Story story = Story.inMemory()) {
      story.backup(server.uri());
      server.text("FLUSHALL");

      assertThat(story.backup(server.uri()).warnings())
          .anyMatch(line -> line.contains("far fewer records"));
    }
  }

  private static TestServer filled() {
    TestServer server = TestServer.start(Engines.redis70());
    server.text("DEBUG", "POPULATE", Integer.toString(KEYS), "key", "100");
    return server;
  }

  private static void assertNothingCommitted(Story story) throws Exception {
    assertThat(story.repository().snapshots("default").references()).isEmpty();
    assertThat(story.repository().store().list("caches/default/run/")).isEmpty();
    assertThat(story.repository().store().list("caches/default/manifest/")).isEmpty();
  }
}
