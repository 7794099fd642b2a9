package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import io.ringkeep.testkit.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A restore that may not put back what it has changed on the target says so where nobody overlooks
/// it, with the command that does it.
class LeftBehindIT {
  private static final String PASSPHRASE = "correct horse battery staple";
  private static final String PASSWORD = "open sesame";
  private static final String SETTING = "repl-diskless-load";

  @TempDir Path folder;
  private String repository;
  private Shell shell;

  @BeforeEach
  void makeRepository() {
    repository = folder.resolve("repository").toString();
    shell = new Shell(repository, PASSPHRASE).variable("RINGKEEP_TARGET_PASSWORD", PASSWORD);
    shell.succeed("init");
  }

  /// One that takes seconds to load, with a user who may everything for now.
  private static TestServer slowTarget() {
    TestServer target =
        TestServer.start(
            Engines.redis70(), "key-load-delay 2000", "loading-process-events-interval-bytes 1024");
    target.text("ACL", "SETUSER", "keeper", "on", ">" + PASSWORD, "~*", "&*", "+@all");
    return target;
  }

  private void backUp(TestServer source) {
    source.call("DEBUG", "POPULATE", "6000", "key", "100");
    shell.succeed("backup", "--source", source.uri());
  }

  private String[] restore(TestServer target) {
    return new String[] {
      "restore",
      "--target",
      target.uri(),
      "--target-user",
      "keeper",
      "--existing",
      "replace",
      "--yes"
    };
  }

  private static void takeTheRightAwayOnceItLoads(TestServer target) {
    Waiting.until(
        () -> "1".equals(target.info("persistence").get("loading")),
        Duration.ofMinutes(1),
        () -> "the target to load; " + target.info("persistence"));
    target.text("ACL", "SETUSER", "keeper", "-config|set");
  }

  @Test
  void restore_settingThatCannotBePutBack_exitsWith1AndSaysHow() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = slowTarget()) {
      backUp(source);
      String before = target.setting(SETTING);

      CompletableFuture<Launcher.Ended> running =
          CompletableFuture.supplyAsync(() -> shell.run(restore(target)));
      takeTheRightAwayOnceItLoads(target);
      target.text("CONFIG", "SET", "key-load-delay", "0");
      Launcher.Ended ended = running.get();

      assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(1);
      assertThat(ended.out())
          .contains("proven: the digests of the target equal those of the snapshot")
          .contains(needsAttention(target, before));
      assertThat(target.setting(SETTING)).isNotEqualTo(before);
      assertThat(target.keys(0)).isEqualTo(6000);
    }
  }

  @Test
  void restore_interruptedAndNotPutBack_saysItBehindTheFailure() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = slowTarget()) {
      backUp(source);
      String before = target.setting(SETTING);
      Launcher.Running running =
          Launcher.ofClasses(folder)
              .variable("RINGKEEP_PASSPHRASE", PASSPHRASE)
              .variable("RINGKEEP_TARGET_PASSWORD", PASSWORD)
              .variable("RINGKEEP_REPOSITORY", repository)
              .start(restore(target));
      takeTheRightAwayOnceItLoads(target);
      running.signal("INT");
      target.text("CONFIG", "SET", "key-load-delay", "0");
      Launcher.Ended ended = running.await();

      assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(130);
      assertThat(ended.err())
          .contains("ringkeep: interrupted\nhint: the target may hold a part of the snapshot;")
          .contains(needsAttention(target, before));
      assertThat(target.info("replication")).containsEntry("role", "master");
    }
  }

  private static String needsAttention(TestServer target, String before) {
    return "\nNEEDS ATTENTION: a setting could not be put back on %s: CONFIG SET %s %s (user lacks a right"
        .formatted(target.address(), SETTING, before);
  }
}
