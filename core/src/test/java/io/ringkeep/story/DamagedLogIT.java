package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.model.BackupException;
import io.ringkeep.recover.LogEvent;
import io.ringkeep.recover.LogEvents;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.repository.log.SegmentName;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import io.ringkeep.verify.Verify;
import io.ringkeep.verify.VerifyResult;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A log of which something is missing or damaged: the rest comes back, and the hole is named.
class DamagedLogIT {
  @TempDir Path spool;

  private static void awaitBase(Archiving archiving, TestServer source) throws Exception {
    archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
    source.call("SET", "first", "1");
    archiving.await("a base", () -> archiving.notes().toString().contains("base taken"));
  }

  private static ShardHistory history(Story story) throws Exception {
    return ShardHistory.of(story.repository(), "default").getFirst();
  }

  private static VerifyResult verify(Story story) throws Exception {
    return Verify.run(
        story.repository(), Optional.empty(), Optional.empty(), Story.CLOCK, Progress.silent());
  }

  /// Either side of a lost segment comes back; what lies across it is refused.
  @Test
  void segment_missing_isAHoleWithTwoSides() throws Exception {
    Engine engine = Engines.redis70();
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      long early;
      String digest;
      try (Archiving archiving = Archiving.of(story, source.uri(), spool)) {
        archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
        source.call("SET", "a", "1");
        archiving.awaitCaughtUp(source);
        source.call("SET", "a", "2");
        early = source.offset();
        digest = source.text("DEBUG", "DIGEST");
        archiving.awaitCaughtUp(source);
        for (int i = 0; i < 3; i++) {
          source.call("SET", "b", Integer.toString(i));
          archiving.awaitCaughtUp(source);
        }
      }
      ShardWindow whole = history(story).windows().getFirst();
      List<SegmentName> names = whole.stretch().names();
      assertThat(verify(story).findings()).isEmpty();
      story.repository().store().delete(names.get(names.size() - 2).key());

      assertThat(history(story).windows()).hasSize(2);
      assertThat(story.status().findings().toString()).contains("segments are missing");
      assertThat(verify(story).findings()).hasSize(1);
      story.restoreTo(target, new RecoveryTarget.Offset(early));
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(digest);
      BackupException.NotFound across =
          catchThrowableOfType(
              BackupException.NotFound.class,
              () -> story.restoreTo(target, new RecoveryTarget.Offset(source.offset())));
      assertThat(across.hint().orElseThrow()).contains("restorable is");
    }
  }

  /// What is removed on the target for a moment is removed only if the log can be read up to it.
  @Test
  void segment_damaged_isFoundBeforeTheTargetLosesAnything() throws Exception {
    Engine engine = Engines.redis70();
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      long before;
      long end;
      try (Archiving archiving = Archiving.of(story, source.uri(), spool)) {
        awaitBase(archiving, source);
        source.call("SET", "b", "1");
        archiving.awaitCaughtUp(source);
        before = source.offset();
        source.call("SET", "b", "2");
        archiving.awaitCaughtUp(source);
        source.call("SET", "b", "3");
        archiving.awaitCaughtUp(source);
        source.call("SET", "b", "4");
        end = source.offset();
        archiving.awaitCaughtUp(source);
      }
      SegmentName second =
          history(story).windows().getFirst().stretch().names().stream()
              .filter(name -> name.start() <= before && name.end() > before)
              .findFirst()
              .orElseThrow();
      story.damage(second.key());
      target.call("SET", "of the target", "1");

      assertThatThrownBy(() -> story.restoreTo(target, new RecoveryTarget.Offset(end)))
          .isInstanceOf(BackupException.CorruptData.class);
      assertThat(target.text("GET", "of the target")).isEqualTo("1");
      assertThat(target.info("replication")).containsEntry("role", "master");
    }
  }

  /// Right before the damage and right behind it moments come back; in it they are refused, and not
  /// taken for earlier ones.
  @Test
  void segment_damagedInTheMiddle_refusesWhatItHeldAndNothingElse() throws Exception {
    Engine engine = Engines.redis70();
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      List<String> digests = new ArrayList<>();
      List<Long> offsets = new ArrayList<>();
      List<Instant> changed = new ArrayList<>();
      List<Instant> known = new ArrayList<>();
      try (Archiving archiving = Archiving.of(story, source.uri(), spool)) {
        awaitBase(archiving, source);
        for (int i = 0; i < 3; i++) {
          source.call("SET", "a", Integer.toString(i));
          changed.add(Instant.now());
          digests.add(source.text("DEBUG", "DIGEST"));
          offsets.add(source.offset());
          archiving.awaitCaughtUp(source);
          known.add(awaitTime(archiving));
          if (i == 1) {
            story.backup(source.uri());
          }
        }
      }
      ShardWindow whole = history(story).windows().getFirst();
      for (SegmentName name : whole.stretch().names()) {
        // The one that holds the second change, and what came between it and the first.
        if (name.start() >= offsets.get(0) && name.start() < offsets.get(1)) {
          story.damage(name.key());
        }
      }

      story.restoreTo(target, new RecoveryTarget.Offset(offsets.get(0)));
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(digests.get(0));
      story.restoreTo(target, new RecoveryTarget.Offset(offsets.get(2)));
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(digests.get(2));
      story.restoreTo(target, new RecoveryTarget.At(known.get(2)));
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(digests.get(2));
      BackupException refused =
          catchThrowableOfType(
              BackupException.class,
              () -> story.restoreTo(target, new RecoveryTarget.At(changed.get(1))));
      assertThat(refused.getMessage() + refused.hint()).contains("damaged");
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(digests.get(2));
    }
  }

  /// A time by which the log is known to hold all that was written by now.
  private static Instant awaitTime(Archiving archiving) throws Exception {
    Instant now = Instant.now();
    archiving.await(
        "a mark behind " + now,
        () ->
            archiving.windows().getLast().until().filter(until -> until.isAfter(now)).isPresent());
    return archiving.windows().getLast().until().orElseThrow();
  }

  /// What the first and the last segment held is lost; all between them is there, events too.
  @Test
  void segments_damagedAtBothEnds_leaveWhatLiesBetween() throws Exception {
    Engine engine = Engines.redis70();
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      long between;
      String digest;
      try (Archiving archiving = Archiving.of(story, source.uri(), spool)) {
        awaitBase(archiving, source);
        source.call("SET", "a", "1");
        archiving.awaitCaughtUp(source);
        story.backup(source.uri());
        source.call("FLUSHALL");
        source.call("SET", "a", "2");
        between = source.offset();
        digest = source.text("DEBUG", "DIGEST");
        archiving.awaitCaughtUp(source);
        source.call("SET", "a", "3");
        archiving.awaitCaughtUp(source);
      }
      List<SegmentName> names = history(story).windows().getFirst().stretch().names();
      story.damage(names.getFirst().key());
      story.damage(names.getLast().key());

      assertThat(history(story).holes()).hasSize(2).allMatch(hole -> hole.contains("damaged"));
      assertThat(story.status().findings().toString())
          .contains(names.getFirst().key(), names.getLast().key());
      assertThat(verify(story).findings()).hasSize(2);
      LogEvents.Found events =
          LogEvents.of(CacheHistory.of(story.repository(), "default"), /* manyKeys= */ 100);
      assertThat(events.holes()).hasSize(2);
      assertThat(events.events()).extracting(LogEvent::command).containsExactly("FLUSHALL");
      story.restoreTo(target, new RecoveryTarget.Offset(between));
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(digest);
      assertThatThrownBy(
              () -> story.restoreTo(target, new RecoveryTarget.Offset(names.getLast().end())))
          .isInstanceOf(BackupException.NotFound.class);
    }
  }

  /// What a server has kept is stored once more, over the damage; then nothing is missing.
  @Test
  void archiver_onADamagedEnd_goesOnFromBeforeIt() throws Exception {
    Engine engine = Engines.redis70();
    try (TestServer source = TestServer.start(engine, "repl-backlog-ttl 0");
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory()) {
      try (Archiving archiving = Archiving.of(story, source.uri(), spool.resolve("first"))) {
        awaitBase(archiving, source);
        for (int i = 0; i < 3; i++) {
          source.call("SET", "a", Integer.toString(i));
          archiving.awaitCaughtUp(source);
        }
      }
      SegmentName last = history(story).windows().getFirst().stretch().names().getLast();
      story.damage(last.key());
      assertThat(history(story).windows().getFirst().stretch().end()).isEqualTo(last.start());

      try (Archiving archiving = Archiving.of(story, source.uri(), spool.resolve("second"))) {
        archiving.awaitCaughtUp(source);
        assertThat(archiving.notes().toString()).contains("the end of the log is damaged");
        source.call("SET", "a", "behind");
        archiving.awaitCaughtUp(source);
      }
      assertThat(history(story).windows()).hasSize(1);
      assertThat(history(story).holes()).isEmpty();
      assertThat(verify(story).findings()).isEmpty();
      story.restoreTo(target, new RecoveryTarget.Offset(source.offset()));
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(source.text("DEBUG", "DIGEST"));
    }
  }
}
