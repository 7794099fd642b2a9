package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.recover.ShardHistory;
import io.ringkeep.recover.ShardWindow;
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
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Snapshots are forgotten that a log stands on.
class RetainedLogIT {
  private static final RetentionPolicy LAST_ONE =
      new RetentionPolicy(1, 0, 0, 0, 0, 0, Optional.empty(), ZoneOffset.UTC);

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
      Prune.run(
          story.repository(),
          "default",
          new Prune.Request(Duration.ZERO, Duration.ZERO, OptionalLong.empty(), false),
          Story.CLOCK,
          Progress.silent());
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
