package io.ringkeep.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.nodes.NodeSet;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.lock.Leases;
import io.ringkeep.store.file.FileStore;
import io.ringkeep.testkit.HttpRelay;
import io.ringkeep.testkit.InProcessSftpServer;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.S3Server;
import io.ringkeep.testkit.TestSshKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What bad days of storage nodes come to, through the commands: a clear message, a documented exit
/// status, and nothing lost.
class NodeBadDaysIT extends NodesStory {

  @Test
  void urls_exchanged_areNamed() throws IOException {
    folders("copy:2", 2);
    end(0, "init");
    configure("copy:2", "{id: n0, url: nodes/n1}", "{id: n1, url: nodes/n0}");
    Launcher.Ended refused = end(2, "list");
    assertThat(refused.err())
        .contains("the url of node n0 holds node n1", "the url of node n1 holds node n0");
  }

  @Test
  void adopt_placeThatHoldsSomethingElse_isRefusedAndBothStayWhole() throws IOException {
    folders("copy:2", 3);
    end(0, "init");
    end(0, "backup");
    Path other = folder.resolve("other");
    end(0, "init", "-r", other.toString());
    end(0, "backup", "-r", other.toString());
    delete(node(1));
    Files.move(other, node(1));
    assertThat(end(2, "nodes", "repair", "--adopt", "n1").err())
        .contains("it holds another repository", "correct its url");
    Files.move(node(1), other);
    end(0, "verify", "-r", other.toString());

    Files.createDirectories(node(1));
    Files.writeString(node(1).resolve("notes.txt"), "somebody's");
    assertThat(end(2, "nodes", "repair", "--adopt", "n1").err())
        .contains("it holds something else");
    Files.delete(node(1).resolve("notes.txt"));
    end(0, "nodes", "repair", "--adopt", "n1");

    Files.delete(node(1).resolve("NODE"));
    assertThat(end(1, "nodes", "list").out()).contains("it has no NODE file");
    end(0, "nodes", "repair", "--adopt", "n1");
    end(0, "status");
    restoreAndCompare(0);
  }

  @Test
  void list_nodeThatCannotBeListed_isSaid() throws IOException {
    folders("copy:2", 3);
    end(0, "init");
    end(0, "backup");
    // A link to itself: what is below can neither be listed nor read.
    Path caches = node(2).resolve("caches");
    Path hidden = folder.resolve("hidden");
    Files.move(caches, hidden);
    Files.createSymbolicLink(caches, caches);
    assertThat(end(1, "nodes", "list").out()).contains("unknown: what node n2 holds");
    Files.delete(caches);
    Files.move(hidden, caches);
    end(0, "nodes", "list");
  }

  @Test
  void open_placesOfTwoRepositoriesAlike_areNamed() throws IOException {
    folders("copy:2", 2);
    end(0, "init");
    end(0, "backup");
    Path first = folder.resolve("first");
    Files.move(node(1), first);
    Path kept = folder.resolve("kept");
    Files.move(node(0), kept);
    end(0, "init");
    delete(node(0));
    Files.move(kept, node(0));
    assertThat(end(2, "list").err()).contains("different repositories", "[n0]", "[n1]");
    delete(node(1));
    Files.move(first, node(1));
    restoreAndCompare(0);
  }

  @Test
  void sftpNode_thatCannotBeLoggedInTo_isLeftAlone() throws IOException {
    configure(
        "copy:2", "{id: n0, url: nodes/n0}", "{id: n1, url: nodes/n1}", "{id: n2, url: nodes/n2}");
    end(0, "init");
    end(0, "backup");
    configure(
        "copy:2",
        "{id: n0, url: nodes/n0}",
        "{id: n1, url: nodes/n1}",
        "{id: n2, url: \"sftp://nobody@127.0.0.1/x?identity=%s\"}"
            .formatted(folder.resolve("no-such-key")));
    assertThat(end(1, "nodes", "list").out()).contains("node n2: ");
    restoreAndCompare(0);
  }

  @Test
  void rebalance_whileAnotherRuns_isToldWhoDoes() throws Exception {
    folders("copy:2", 3);
    end(0, "init");
    end(0, "backup");
    folders("copy:2", 4);
    end(0, "nodes", "apply");
    try (PlacedStore store =
            NodeSet.open(
                Map.of(
                    "n0", new FileStore(node(0)),
                    "n1", new FileStore(node(1)),
                    "n2", new FileStore(node(2)),
                    "n3", new FileStore(node(3))));
        Lease _ =
            new Leases(store, Clock.systemUTC(), new SecureRandom())
                .acquire("nodes", "rebalance")) {
      assertThat(end(6, "nodes", "rebalance").err()).contains("purpose=rebalance", "pid=");
      assertThat(json(0, "status").get("storage").get("working").get("purpose").asString())
          .isEqualTo("rebalance");
      assertThat(end(0, "nodes", "list").out()).contains("at work: rebalance by process");
    }
    List<CompletableFuture<Launcher.Ended>> both =
        Stream.of(1, 2)
            .map(_ -> CompletableFuture.supplyAsync(() -> run("nodes", "rebalance")))
            .toList();
    for (CompletableFuture<Launcher.Ended> one : both) {
      assertThat(one.get().exitCode()).as(one.get().toString()).isIn(0, 6);
    }
    end(0, "nodes", "rebalance");
    assertThat(json(0, "status").get("storage").has("working")).isFalse();
    end(0, "nodes", "scrub");
    restoreAndCompare(0);
  }

  @Test
  void backup_nodeRemovedMeanwhile_commitsNothingAndSaysSo() throws Exception {
    folders("copy:2", 4);
    end(0, "init");
    end(0, "nodes", "drain", "n3");
    end(0, "nodes", "rebalance");
    fillMore();
    CompletableFuture<Launcher.Ended> backup =
        CompletableFuture.supplyAsync(() -> run("backup", "--limit", "300KiB/s"));
    while (!isWorking() && !backup.isDone()) {
      Thread.sleep(10);
    }
    server.pause();
    try {
      end(0, "nodes", "remove", "n3");
    } finally {
      server.resume();
    }
    assertThat(backup.get().exitCode()).as(backup.get().toString()).isEqualTo(4);
    assertThat(backup.get().err()).contains("the nodes were changed while this ran");
    assertThat(json(0, "list").size()).isZero();
    end(0, "backup");
    restoreAndCompare(0);
  }

  private void fillMore() {
    for (int i = 0; i < 20; i++) {
      byte[] value = new byte[100_000];
      RANDOM.nextBytes(value);
      server.call("SET".getBytes(UTF_8), ("large" + i).getBytes(UTF_8), value);
    }
    before = Oracle.read(server);
  }

  @Test
  void backup_nodesChangedMeanwhile_commitsNothingAndSaysSo() throws Exception {
    folders("copy:2", 4);
    end(0, "init");
    fillMore();
    CompletableFuture<Launcher.Ended> backup =
        CompletableFuture.supplyAsync(() -> run("backup", "--limit", "300KiB/s"));
    while (!isWorking() && !backup.isDone()) {
      Thread.sleep(10);
    }
    server.pause();
    try {
      end(0, "nodes", "drain", "n1");
    } finally {
      server.resume();
    }
    Launcher.Ended ended = backup.get();
    assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(4);
    assertThat(ended.err()).contains("the nodes were changed while this ran", "run it again");
    assertThat(json(0, "list").size()).isZero();

    end(0, "backup");
    end(0, "nodes", "rebalance");
    end(0, "nodes", "remove", "n1");
    delete(node(1));
    restoreAndCompare(0);
  }

  @Test
  void archive_nodesChangedMeanwhile_endsToBeStartedAgain() throws Exception {
    folders("copy:2", 3);
    end(0, "init");
    String spool = folder.resolve("spool").toString();
    CompletableFuture<Launcher.Ended> archive =
        CompletableFuture.supplyAsync(() -> run("archive", "--spool", spool));
    awaitSnapshot();
    folders("copy:2", 4);
    end(0, "nodes", "apply");
    fillMore();
    Launcher.Ended ended = archive.get(2, TimeUnit.MINUTES);
    assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(4);
    assertThat(ended.err()).contains("the storage nodes were changed", "start it again");
  }

  private void awaitSnapshot() throws InterruptedException {
    for (int i = 0; json(0, "list").size() == 0; i++) {
      assertThat(i).as("half seconds until the archive has a base").isLessThan(240);
      Thread.sleep(500);
    }
  }

  @Test
  void backup_nodeIsFull_isDegradedAndSaysSo() throws IOException {
    TestSshKey key = TestSshKey.make(folder.resolve("key"));
    try (InProcessSftpServer ssh =
        InProcessSftpServer.start(Files.createDirectories(folder.resolve("ssh")), key)) {
      Path known = ssh.writeKnownHosts(folder.resolve("known_hosts"), ssh.port());
      configure(
          "copy:3",
          "{id: n0, url: nodes/n0}",
          "{id: n1, url: nodes/n1}",
          "{id: n2, url: \"sftp://%s@127.0.0.1:%d%s?identity=%s&known-hosts=%s\"}"
              .formatted(
                  ssh.user(),
                  ssh.port(),
                  ssh.writableFolder().resolve("n2"),
                  folder.resolve("key"),
                  known));
      end(0, "init");
      ssh.fillDisk(0);
      fillMore();
      assertThat(end(1, "backup").out()).contains("DEGRADED", "on n2", "any 1 node may be lost");
      // An SSH server does not say why it failed to write.
      assertThat(run("check").out()).contains("FAIL  node n2", "(read-only)", "or the place room");
      ssh.fillDisk(Long.MAX_VALUE);
      end(0, "nodes", "repair");
      end(0, "status");
      delete(node(0));
      delete(node(1));
      restoreAndCompare(0);
    }
  }

  /// Whether a backup has its lease.
  private boolean isWorking() throws IOException {
    Path leases = node(0).resolve("control/lease/cache-default");
    if (!Files.exists(leases)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(leases)) {
      return files.anyMatch(Files::isRegularFile);
    }
  }

  private void twoFoldersAndABucket(S3Server s3, HttpRelay relay) throws IOException {
    configure(
        "copy:3",
        "{id: a, url: nodes/n0}",
        "{id: b, url: nodes/n1}",
        "{id: c, url: \"s3://%s/c?endpoint=%s\", tier: remote}"
            .formatted(s3.newBucket(), relay.endpoint()));
  }

  @Test
  void backup_credentialsExpireInMidUpload_isDegradedOrRefused() throws IOException {
    try (BucketKeys _ = BucketKeys.set();
        S3Server s3 = S3Server.startOpen();
        HttpRelay relay = HttpRelay.to(s3.endpoint())) {
      twoFoldersAndABucket(s3, relay);
      end(0, "init");
      expireAfterData(relay);
      assertThat(end(1, "backup").out()).contains("DEGRADED", "any 1 node may be lost");
      restoreAndCompare(0);
      relay.rule((method, path, headers) -> HttpRelay.Fate.PASS);
      end(0, "nodes", "repair");
      end(0, "status");

      String single = "s3://%s/single?endpoint=%s".formatted(s3.newBucket(), relay.endpoint());
      end(0, "init", "-r", single);
      expireAfterData(relay);
      assertThat(end(5, "backup", "-r", single).err()).contains("ExpiredToken");
      relay.rule((method, path, headers) -> HttpRelay.Fate.PASS);
      assertThat(json(0, "list", "-r", single).size()).isZero();
      end(0, "backup", "-r", single);
    }
  }

  @Test
  void bucketNode_onBadDays_isReadAndTheRestIsWritten() throws IOException {
    try (BucketKeys _ = BucketKeys.set();
        S3Server s3 = S3Server.startOpen();
        HttpRelay relay = HttpRelay.to(s3.endpoint())) {
      twoFoldersAndABucket(s3, relay);
      end(0, "init");
      end(0, "backup");

      // Read-only: nothing is written there, and it says so.
      relay.rule((method, path, headers) ->
          method.equals("PUT") || method.equals("POST")
              ? HttpRelay.Fate.DENIED
              : HttpRelay.Fate.PASS);
      assertThat(end(1, "backup", "--full").out())
          .contains("DEGRADED", "lack a piece or a copy on c");
      restoreAndCompare(0);
      relay.rule((method, path, headers) -> HttpRelay.Fate.PASS);
      end(0, "nodes", "repair");

      // A quarter of all requests fails: they are tried again.
      AtomicInteger requests = new AtomicInteger();
      relay.rule((method, path, headers) ->
          requests.incrementAndGet() % 4 == 0 ? HttpRelay.Fate.BUSY : HttpRelay.Fate.PASS);
      assertThat(run("backup", "--full").exitCode()).isIn(0, 1);
      restoreAndCompare(0);
      relay.rule((method, path, headers) -> HttpRelay.Fate.PASS);
      end(0, "nodes", "repair");

      // Slow: reads that are left to it alone end, others do not wait for it.
      relay.rule((method, path, headers) -> {
        sleep(300);
        return HttpRelay.Fate.PASS;
      });
      restoreAndCompare(0);
      relay.rule((method, path, headers) -> HttpRelay.Fate.PASS);

      // It takes the header for create-if-absent and creates again all the same.
      relay.strip("If-None-Match");
      assertThat(end(1, "check").out())
          .contains("FAIL", "(unfit)", "an existing object was created again", "If-None-Match")
          .doesNotContain("(read-only)");
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void node_setBackOrExchangedForAnother_isSaidAndOutvoted() throws IOException {
    folders("copy:3", 3);
    end(0, "init");
    end(0, "backup");
    Path old = folder.resolve("old");
    copy(node(1), old);
    server.call("SET", "later", "1");
    before = Oracle.read(server);
    end(0, "backup");

    delete(node(1));
    copy(old, node(1));
    restoreAndCompare(0);
    assertThat(json(1, "status").get("storage").get("degradedCopies").asLong()).isPositive();
    end(0, "nodes", "repair");
    end(0, "status");

    // A copy of another node of the same repository, then one of another repository.
    Path kept = folder.resolve("kept");
    Files.move(node(1), kept);
    copy(node(2), node(1));
    assertThat(end(1, "check").out())
        .contains("it is node n2 of this repository")
        .doesNotContain("another repository");
    restoreAndCompare(0);
    delete(node(1));
    Path aside = folder.resolve("aside");
    Files.move(folder.resolve("nodes"), aside);
    end(0, "init");
    Files.move(node(1), folder.resolve("theirs"));
    delete(folder.resolve("nodes"));
    Files.move(aside, folder.resolve("nodes"));
    Files.move(folder.resolve("theirs"), node(1));
    assertThat(end(1, "check").out()).contains("it belongs to another repository");
    restoreAndCompare(0);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  /// The first object of data goes through, nothing after it.
  private static void expireAfterData(HttpRelay relay) {
    AtomicInteger data = new AtomicInteger();
    relay.rule((method, path, headers) -> {
      if (data.get() > 0) {
        return HttpRelay.Fate.EXPIRED;
      }
      if (method.equals("PUT") && path.contains(".data")) {
        data.incrementAndGet();
      }
      return HttpRelay.Fate.PASS;
    });
  }

  @Test
  void buckets_ofTwoAccounts_takeAProfileEach() throws IOException {
    Path credentials = folder.resolve("credentials");
    Files.writeString(
        credentials,
        """
        [one]
        aws_access_key_id = %s
        aws_secret_access_key = %s
        [two]
        aws_access_key_id = second-key
        aws_secret_access_key = second-secret
        """
            .formatted(S3Server.ACCESS_KEY, S3Server.SECRET_KEY));
    System.setProperty("aws.sharedCredentialsFile", credentials.toString());
    try (S3Server one = S3Server.start();
        S3Server two = S3Server.start("second-key", "second-secret")) {
      String first = "s3://%s/a?endpoint=%s&profile=".formatted(one.newBucket(), one.endpoint());
      String second = "s3://%s/b?endpoint=%s&profile=".formatted(two.newBucket(), two.endpoint());
      buckets(first + "one", second + "two");
      end(0, "init");
      end(0, "backup");
      restoreAndCompare(0);
      buckets(first + "two", second + "two");
      assertThat(end(1, "nodes", "list").out()).contains("node a: ", "status=403");
      buckets(first + "three", second + "two");
      assertThat(end(1, "nodes", "list").out()).contains("node a: ", "no credentials");
    } finally {
      System.clearProperty("aws.sharedCredentialsFile");
    }
  }

  private void buckets(String first, String second) throws IOException {
    configure(
        "copy:2",
        "{id: a, url: \"%s\"}".formatted(first),
        "{id: b, url: \"%s\"}".formatted(second));
  }
}
