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
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/// Sessions of an operator whose repository is in a bucket: the main one with the packaged command,
/// the others in this process.
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class BucketIT {
  private static final long SEED = 11;
  private static final String PASSPHRASE = "correct horse battery staple";

  @TempDir Path folder;
  private S3Server s3;
  private BucketKeys keys;
  private String repository;

  @BeforeEach
  void startService() {
    s3 = S3Server.start();
    repository = "s3://%s/cache?endpoint=%s".formatted(s3.newBucket(), s3.endpoint());
    keys = BucketKeys.set();
  }

  @AfterEach
  void stopService() {
    keys.close();
    s3.close();
  }

  private Launcher.Ended succeed(String... args) {
    Launcher.Ended ended =
        new Launcher(folder)
            .variable("RINGKEEP_PASSPHRASE", PASSPHRASE)
            .variable("RINGKEEP_REPOSITORY", repository)
            .variable("AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY)
            .variable("AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY)
            .run(args);
    assertThat(ended.exitCode()).as(ended.toString()).isZero();
    assertThat(ended.out() + ended.err()).doesNotContain(S3Server.SECRET_KEY, "SLF4J", "WARN");
    return ended;
  }

  private Shell shell(String place) {
    return new Shell(place, PASSPHRASE);
  }

  @Test
  void session_initBackupVerifyFlushRestore_givesBackTheSameData() {
    try (TestServer server = TestServer.start(Engines.redis70())) {
      Dataset.of(SEED, 300).writeTo(server);
      Contents before = Oracle.read(server);
      assertThat(shell(repository).succeed("init").out()).contains(" in " + repository);
      assertThat(shell(repository).succeed("check").out())
          .contains("OK  store create-if-absent")
          .doesNotContain("FAIL");
      succeed("backup", "--source", server.uri());
      assertThat(succeed("list").out()).contains("default");
      succeed("verify");
      server.call("FLUSHALL");
      server.call("FUNCTION", "FLUSH");
      succeed("restore", "--target", server.uri(), "--yes");

      assertThat(before.differences(Oracle.read(server))).isEmpty();
    }
  }

  @Test
  void anything_placeIsWrong_exitsWithItsStatusAndSaysWhatToDo() {
    shell(repository).succeed("init");

    fail(2, "a repository is already here", repository, "init");
    fail(2, "parameter=secret", "s3://bucket?secret=hunter2", "list");
    fail(2, "no region is known", "s3://bucket", "list");
    fail(3, "no such bucket", elsewhere("not-there"), "init");
    fail(3, "no repository here", elsewhere(s3.newBucket()), "list");
    System.setProperty("aws.secretAccessKey", "wrong");
    fail(5, "SignatureDoesNotMatch", repository, "list");
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
    fail(5, "no credentials", repository, "list");
  }

  private String elsewhere(String bucket) {
    return "s3://%s?endpoint=%s".formatted(bucket, s3.endpoint());
  }

  private void fail(int exitCode, String message, String place, String verb) {
    assertThat(shell(place).fail(exitCode, verb).err())
        .contains(message)
        .doesNotContain("hunter2", S3Server.SECRET_KEY);
  }
}
