package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.history.ShardHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.retention.Forget;
import io.ringkeep.retention.ForgetPlan;
import io.ringkeep.retention.ForgetRequest;
import io.ringkeep.retention.Prune;
import io.ringkeep.retention.RetentionPolicy;
import io.ringkeep.retention.Verdict;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import io.ringkeep.verify.Verify;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Snapshots are forgotten that a log stands on.
class RetainedLogIT {
  private static final RetentionPolicy LAST_ONE =
      new RetentionPolicy(1, 0, 0, 0, 0, 0, Optional.empty(), Optional.empty(), ZoneOffset.UTC);

  @TempDir Path spool;

  @Test
  void forget_everyBaseOfALog_keepsTheNewestOfThemUnlessToldOtherwise() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer other = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      source.call("SET", "a", "1");
      Manifest newerBase;
      try (Archiving archiving = Archiving.of(story, source.uri(), spool)) {
        archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
        source.call("SET", "a", "2");
        archiving.awaitCaughtUp(source);
        // Its own backup has the lease until then.
        archiving.await("a base", () -> archiving.notes().toString().contains("base taken"));
        newerBase = story.backup(source.uri()).manifest();
        source.call("SET", "a", "3");
        archiving.awaitCaughtUp(source);
      }
      other.call("SET", "a", "elsewhere");
      Manifest noBase = story.backup(Story.adopting(story.request(other.uri()))).manifest();
      assertThat(windows(story)).hasSize(1);
      assertThat(windows(story).getFirst().bases()).hasSize(2);

      ForgetPlan plan = plan(story, Optional.of(LAST_ONE), List.of(), false);
      assertThat(plan.verdicts().stream().filter(Verdict::kept).map(kept -> kept.snapshot().id()))
          .containsExactly(newerBase.id(), noBase.id());
      assertThat(plan.verdicts().get(1).why()).contains("the only base of the log of shard 0");
      Forget.run(plan, story.repository(), Story.CLOCK);
      prune(story, Duration.ZERO);
      assertThat(windows(story).getFirst().bases().getFirst().manifest().id())
          .isEqualTo(newerBase.id());
      assertThat(windows(story).getFirst().restorable()).isTrue();

      List<String> base = List.of(newerBase.id());
      assertThatThrownBy(() -> plan(story, Optional.empty(), base, /* allowNone= */ false))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("nothing to stand on");
      assertThat(plan(story, Optional.empty(), base, /* allowNone= */ true).forgotten())
          .isEqualTo(base);
    }
  }

  /// The window moves on while the archiver goes on: what is before it is deleted, which is no gap,
  /// and what is in it comes back.
  @Test
  void forget_beforeTheWindowBesideAnArchiver_leavesAHealthyLogThatStartsLater() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, source.uri(), spool)) {
      archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
      source.call("SET", "a", "early");
      archiving.awaitCaughtUp(source);
      archiving.await("a base", () -> archiving.notes().toString().contains("base taken"));
      long early = source.offset();
      for (int i = 0; i < 5; i++) {
        source.call("SET", "early:" + i, "x".repeat(1_000));
        archiving.awaitCaughtUp(source);
      }
      Manifest second = story.backup(source.uri()).manifest();
      source.call("SET", "a", "late");
      String digest = source.text("DEBUG", "DIGEST");
      long late = source.offset();
      archiving.awaitCaughtUp(source);
      archiving.await(
          "a time behind the second base",
          () ->
              archiving
                  .windows()
                  .getFirst()
                  .until()
                  .orElseThrow()
                  .isAfter(second.completed().plusMillis(200)));
      Instant earlier = windows(story).getFirst().from().orElseThrow();
      assertThat(windows(story).getFirst().stretch().start()).isLessThan(early);

      ForgetPlan plan = plan(story, Optional.of(window(Duration.ZERO)), List.of(), false);
      assertThat(plan.forgotten()).hasSize(1);
      assertThat(plan.log()).hasSize(1);
      assertThat(plan.log().getFirst().trim().segments()).isGreaterThan(4);
      Forget.run(plan, story.repository(), Story.CLOCK);
      source.call("SET", "beside", "the prune");
      Prune.Result waits = prune(story, Prune.GRACE);
      assertThat(waits.logs().getFirst().due()).isEmpty();
      assertThat(waits.logs().getFirst().waiting()).isNotEmpty();
      Prune.Result result = prune(story, Duration.ZERO);
      assertThat(result.logs().getFirst().due()).hasSize(plan.log().getFirst().trim().segments());
      assertThat(result.bytes()).isGreaterThan(plan.log().getFirst().trim().storedBytes());
      source.call("SET", "behind", "the prune");
      long end = source.offset();
      archiving.awaitCaughtUp(source);

      assertThat(windows(story)).hasSize(1);
      assertThat(windows(story).getFirst().bases().getFirst().manifest().id())
          .isEqualTo(second.id());
      assertThat(ShardHistory.of(story.repository(), "default").getFirst().gaps()).isEmpty();
      archiving.await("health", () -> story.status().healthy());
      assertThat(story.status().logs().getFirst().forgotten()).isPresent();
      assertThat(
              Verify.run(
                      story.repository(),
                      Optional.empty(),
                      Optional.empty(),
                      Story.CLOCK,
                      Progress.silent())
                  .findings())
          .isEmpty();

      story.restoreTo(target, new RecoveryTarget.Offset(late));
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(digest);
      story.restoreTo(target, new RecoveryTarget.Offset(end));
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(source.text("DEBUG", "DIGEST"));
      for (RecoveryTarget gone :
          List.of(new RecoveryTarget.Offset(early), new RecoveryTarget.At(earlier))) {
        NotFound refused =
            catchThrowableOfType(NotFound.class, () -> story.restoreTo(target, gone));
        assertThat(refused).hasMessageContaining("kept no more");
        assertThat(refused.hint().orElseThrow()).contains("restorable is");
      }
    }
  }

  private static RetentionPolicy window(Duration length) {
    return new RetentionPolicy(
        0, 0, 0, 0, 0, 0, Optional.empty(), Optional.of(length), ZoneOffset.UTC);
  }

  private static Prune.Result prune(Story story, Duration grace) throws Exception {
    return Prune.run(
        story.repository(),
        "default",
        new Prune.Request(grace, Duration.ZERO, OptionalLong.empty(), /* dryRun= */ false),
        Story.CLOCK,
        Progress.silent());
  }

  private static ForgetPlan plan(
      Story story, Optional<RetentionPolicy> policy, List<String> named, boolean allowNone)
      throws Exception {
    return Forget.plan(
        new ForgetRequest("default", policy, named, allowNone), story.repository(), Story.CLOCK);
  }

  private static List<ShardWindow> windows(Story story) throws Exception {
    return ShardHistory.of(story.repository(), "default").getFirst().windows();
  }
}
