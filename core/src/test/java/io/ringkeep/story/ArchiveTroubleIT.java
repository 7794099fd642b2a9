package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.history.ShardHistory;
import io.ringkeep.model.BackupException;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.log.Gap;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bad days of an archive: what is lost is said, and nothing else is.
class ArchiveTroubleIT {
  private static final long MIB = 1 << 20;

  @TempDir Path spool;

  private static ShardHistory history(Story story) throws Exception {
    return ShardHistory.of(story.repository(), "default").getFirst();
  }

  private static void write(TestServer server, long bytes) {
    String value = "x".repeat(64 << 10);
    for (long left = bytes; left > 0; left -= value.length()) {
      server.call("SET", "key:" + left % 7, value);
    }
  }

  @Test
  void repository_awayForAWhileAndForTooLong_losesNothingAndThenWhatIsDeclared() throws Exception {
    Engine engine = Engines.redis70();
    AwayStore store = new AwayStore();
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        Story story = Story.in(store);
        Archiving archiving =
            Archiving.of(story, source.uri(), spool, 8 * MIB, /* takeBase= */ true)) {
      archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
      source.call("SET", "a", "1");
      archiving.awaitCaughtUp(source);
      long good = source.offset();
      String before = source.text("DEBUG", "DIGEST");

      store.away(true);
      write(source, 2 * MIB);
      archiving.await(
          "a complaint", () -> archiving.notes().toString().contains("kept in the spool"));
      store.away(false);
      long last = source.offset();
      archiving.awaitCaughtUp(source);
      assertThat(history(story).windows()).hasSize(1);
      assertThat(history(story).gaps()).isEmpty();

      store.away(true);
      write(source, 20 * MIB);
      source.awaitReplicas(1); // The spool has had all of it, so that it was full.
      store.away(false);
      source.call("SET", "behind", "the gap");
      archiving.awaitCaughtUp(source);
      List<Gap> gaps = history(story).gaps();
      assertThat(gaps).hasSize(1);
      assertThat(gaps.getFirst().reason()).isEqualTo(Gap.Reason.SPOOL_FULL);
      assertThat(gaps.getFirst().fromOffset()).isGreaterThanOrEqualTo(last);
      archiving.await(
          "what was lost", () -> story.status().findings().toString().contains("spool was full"));
      assertThat(story.status().healthy()).isFalse();

      source.call("SET", "behind", "the base");
      long end = source.offset();
      archiving.awaitCaughtUp(source);
      story.restoreTo(target, new RecoveryTarget.Offset(end));
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(source.text("DEBUG", "DIGEST"));
      story.restoreTo(target, new RecoveryTarget.Offset(good));
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(before);
      assertThatThrownBy(() ->
              story.restoreTo(target, new RecoveryTarget.Offset(gaps.getFirst().toOffset() - 1)))
          .isInstanceOf(BackupException.NotFound.class);
      Instant inGap = history(story).windows().getFirst().until().orElseThrow().plusMillis(1);
      assertThatThrownBy(() -> story.restoreTo(target, new RecoveryTarget.At(inGap)))
          .isInstanceOf(BackupException.HistoryGap.class)
          .hasMessageContaining("spool ran full");
    }
  }

  /// It was there when the archive was started, and then not: nothing is to be done but to wait.
  @Test
  void repository_awayWhenAShardBegins_isWaitedFor() throws Exception {
    AwayStore store = new AwayStore();
    try (TestServer source = TestServer.start(Engines.redis70());
        Story story = Story.in(store)) {
      store.away(true);
      try (Archiving archiving = Archiving.of(story, source.uri(), spool)) {
        archiving.await(
            "a note", () -> archiving.notes().toString().contains("waiting for the repository"));
        store.away(false);
        archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
        source.call("SET", "a", "1");
        archiving.awaitCaughtUp(source);
      }
      store.away(true);
      Archiving stopped = Archiving.of(story, source.uri(), spool);
      stopped.await("a note", () -> stopped.notes().toString().contains("waiting for the"));
      stopped.close();
    }
  }

  @Test
  void archiver_second_waitsAndGoesOnWhereTheFirstEnded() throws Exception {
    Engine engine = Engines.redis70();
    try (TestServer source = TestServer.start(engine);
        Story story = Story.inMemory()) {
      Archiving first = Archiving.of(story, source.uri(), spool);
      first.await("a link", () -> first.notes().toString().contains("receiving"));
      try (Archiving second = Archiving.of(story, source.uri(), spool.resolve("other"))) {
        second.await("its turn", () -> second.notes().toString().contains("waiting for another"));
        source.call("SET", "a", "1");
        first.awaitCaughtUp(source);
        first.close();
        source.call("SET", "b", "2");
        second.awaitCaughtUp(source);
        assertThat(second.windows()).hasSize(1);
        // Until it says so itself, the first one's last word counts: that it was stopped.
        second.await("a healthy status", () -> story.status().healthy());
      }
      assertThat(story.status().healthy()).isFalse();
    }
  }

  /// The replica that sends the stream hangs, as on a host that stalls: its socket stays open.
  @Test
  void source_hangs_isLeftForAnotherSoon() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer replica = TestServer.builder(Engines.redis70()).replicaOf(source).start();
        Story story = Story.inMemory()) {
      replica.awaitLinkUp();
      source.call("SET", "warm", "up");
      try (Archiving archiving = Archiving.of(story, source.uri(), spool)) {
        archiving.await(
            "a link to the replica",
            () -> archiving.notes().toString().contains("receiving: server=" + replica.address()));
        source.call("SET", "a", "1");
        archiving.awaitCaughtUp(source);
        replica.pause();
        long begun = System.nanoTime();
        source.call("SET", "a", "2");
        archiving.awaitCaughtUp(source);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
        assertThat(history(story).gaps()).isEmpty();
        replica.resume();
      }
    }
  }

  /// A replica that was made while the archive was down does not know what had been before it.
  @Test
  void replica_madeWhileTheArchiveWasDown_isNotReadIfThePrimaryCanGoOn() throws Exception {
    Engine engine = Engines.redis70();
    try (TestServer source = TestServer.start(engine);
        Story story = Story.inMemory()) {
      try (Archiving before = Archiving.of(story, source.uri(), spool)) {
        before.await("a link", () -> before.notes().toString().contains("receiving"));
        source.call("SET", "a", "1");
        before.awaitCaughtUp(source);
      }
      source.call("SET", "a", "2");
      try (TestServer replica = TestServer.builder(engine).replicaOf(source).start()) {
        replica.awaitLinkUp();
        source.call("SET", "a", "3");
        source.awaitReplicas(1);
        try (Archiving after = Archiving.of(story, source.uri(), spool)) {
          after.awaitCaughtUp(source);
          assertThat(history(story).gaps()).isEmpty();
          assertThat(after.notes().toString()).contains("receiving: server=" + source.address());
        }
      }
    }
  }

  /// Two hosts take turns, each with a spool of its own: the one that comes back goes on where the
  /// other ended, not where itself did, which the server may not remember.
  @Test
  void archiver_backAfterAnotherHadItsTurn_goesOnWhereTheLogEnds() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70(), "repl-backlog-size 64kb");
        Story story = Story.inMemory()) {
      try (Archiving first = Archiving.of(story, source.uri(), spool.resolve("first"))) {
        first.await("a link", () -> first.notes().toString().contains("receiving"));
        source.call("SET", "a", "1");
        first.awaitCaughtUp(source);
      }
      try (Archiving second = Archiving.of(story, source.uri(), spool.resolve("second"))) {
        second.await("a link", () -> second.notes().toString().contains("receiving"));
        write(source, MIB);
        second.awaitCaughtUp(source);
      }
      source.call("SET", "a", "2");
      try (Archiving again = Archiving.of(story, source.uri(), spool.resolve("first"))) {
        again.awaitCaughtUp(source);
        source.call("SET", "a", "3");
        again.awaitCaughtUp(source);
        assertThat(history(story).gaps()).isEmpty();
        assertThat(history(story).windows()).hasSize(1);
        assertThat(again.notes().toString()).contains("the log goes further than the spool");
      }
    }
  }

  /// Someone backs the cache up when the archiver wants to: that snapshot is a base as well, and
  /// then nothing is the matter any more.
  @Test
  void base_takenBySomebodyElse_isOneAndEndsTheWarning() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        Story story = Story.inMemory();
        Archiving archive = archivingBesideABackup(story, source)) {
      story.backup(source.uri());
      source.call("SET", "a", "1");
      archive.awaitCaughtUp(source);
      archive.await("a healthy status", () -> story.status().healthy());
      assertThat(archive.notes()).noneMatch(note -> note.contains("base taken"));
    }
  }

  /// One whose first base is hindered, as long as this runs, by another holder of the lease.
  private Archiving archivingBesideABackup(Story story, TestServer source) throws Exception {
    try (Lease _ = story.repository().leases().acquire("cache-default", "backup")) {
      Archiving archive = Archiving.of(story, source.uri(), spool);
      archive.await(
          "a finding",
          () ->
              archive.notes().toString().contains("no base yet")
                  && story.status().findings().toString().contains("the log has no base: locked"));
      return archive;
    }
  }

  /// A user who may not ask for the time: what the log is good for is said as long as it is so,
  /// also when it has a base.
  @Test
  void times_thatMayNotBeAskedFor_areSaidToBeMissingForAsLongAsTheyAre() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      source.call("ACL", "SETUSER", "default", "-time");
      try (Archiving archive = Archiving.of(story, source.uri(), spool)) {
        archive.await("a base", () -> archive.notes().toString().contains("base taken"));
        source.call("SET", "a", "1");
        archive.awaitCaughtUp(source);
        archive.await("a finding", () -> story.status().findings().toString().contains("by time"));
        assertThat(story.status().healthy()).isFalse();
        source.call("ACL", "SETUSER", "default", "+time");
        archive.await("health, by the right that was lacking", () -> story.status().healthy());
        assertThat(archive.notes()).contains("times are known again");
      }
    }
  }

  /// A target that passes over commands it does not know must not look restored.
  @Test
  void target_withoutACommandOfTheLog_isNoSuccess() throws Exception {
    Engine engine = Engines.redis70();
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine, "rename-command INCR ");
        Story story = Story.inMemory()) {
      try (Archiving archiving = Archiving.of(story, source.uri(), spool)) {
        archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
        source.call("SET", "a", "1");
        archiving.awaitCaughtUp(source);
        source.call("INCR", "a");
        archiving.awaitCaughtUp(source);
      }
      assertThatThrownBy(() -> story.restoreTo(target, new RecoveryTarget.Offset(source.offset())))
          .isInstanceOf(BackupException.TargetRefused.class)
          .hasMessageContaining("errors=1");
    }
  }
}
