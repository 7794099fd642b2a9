package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.S3Server;
import io.ringkeep.testkit.TestServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sessions of an operator whose repository is in a bucket, with the packaged command.
class BucketIT {
  private static final long SEED = 11;

  @TempDir Path folder;
  private S3Server s3;
  private String repository;
  private Launcher ringkeep;

  @BeforeEach
  void startService() {
    s3 = S3Server.start();
    repository = "s3://%s/cache?endpoint=%s".formatted(s3.newBucket(), s3.endpoint());
    ringkeep = launcher(S3Server.SECRET_KEY);
  }

  @AfterEach
  void stopService() {
    s3.close();
  }

  private Launcher launcher(String secret) {
    return new Launcher(folder)
        .variable("RINGKEEP_PASSPHRASE", "correct horse battery staple")
        .variable("AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY)
        .variable("AWS_SECRET_ACCESS_KEY", secret);
  }

  private Launcher.Ended succeed(String... args) {
    Launcher.Ended ended = ringkeep.run(args);
    assertThat(ended.exitCode()).as(ended.toString()).isZero();
    assertThat(ended.out() + ended.err()).doesNotContain(S3Server.SECRET_KEY, "SLF4J", "WARN");
    return ended;
  }

  @Test
  void session_initBackupVerifyFlushRestore_givesBackTheSameData() {
    try (TestServer server = TestServer.start(Engines.redis70())) {
      Dataset.of(SEED, 300).writeTo(server);
      Contents before = Oracle.read(server);
      assertThat(succeed("init", "-r", repository).out()).contains(" in " + repository);
      assertThat(succeed("check", "-r", repository).out())
          .contains("OK  store create-if-absent")
          .doesNotContain("FAIL");
      succeed("backup", "-r", repository, "--source", server.uri());
      assertThat(succeed("list", "-r", repository).out()).contains("default");
      succeed("verify", "-r", repository);
      server.call("FLUSHALL");
      server.call("FUNCTION", "FLUSH");
      succeed("restore", "-r", repository, "--target", server.uri(), "--yes");

      assertThat(before.differences(Oracle.read(server))).isEmpty();
    }
  }

  @Test
  void anything_placeIsWrong_exitsWithItsStatusAndSaysWhatToDo() {
    succeed("init", "-r", repository);

    fail(ringkeep, 2, "a repository is already here", "init", "-r", repository);
    fail(ringkeep, 2, "parameter=secret", "list", "-r", "s3://bucket?secret=hunter2");
    fail(ringkeep, 2, "no region is known", "list", "-r", "s3://bucket");
    fail(ringkeep, 3, "no such bucket", "init", "-r", elsewhere("not-there"));
    fail(ringkeep, 3, "no repository here", "list", "-r", elsewhere(s3.newBucket()));
    fail(launcher("wrong"), 5, "SignatureDoesNotMatch", "list", "-r", repository);
  }

  private String elsewhere(String bucket) {
    return "s3://%s?endpoint=%s".formatted(bucket, s3.endpoint());
  }

  private static void fail(Launcher ringkeep, int exitCode, String message, String... args) {
    Launcher.Ended ended = ringkeep.run(args);
    assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(exitCode);
    assertThat(ended.err())
        .contains("ringkeep: ")
        .contains(message)
        .contains("hint: ")
        .doesNotContain("hunter2", S3Server.SECRET_KEY, "\tat ");
  }
}
