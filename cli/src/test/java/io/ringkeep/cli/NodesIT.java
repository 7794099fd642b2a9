package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.cli.session.Screen;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.S3Server;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A repository on several storage nodes: backed up, nodes lost, restored, repaired, lost again.
class NodesIT {
  private static final boolean FULL = "full".equals(System.getProperty("ringkeep.proof"));
  private static final Random RANDOM = Seeds.random("NodesIT");

  @TempDir Path folder;
  private TestServer server;
  private Contents before;

  @BeforeEach
  void fillServer() {
    server = TestServer.start(Engines.redis70());
    Dataset.of(RANDOM.nextLong(), 400).withoutFunctions().writeTo(server);
    before = Oracle.read(server);
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  private Launcher.Ended run(String... args) {
    Screen screen = new Screen().variable("RINGKEEP_PASSPHRASE", "correct horse");
    List<String> words = new ArrayList<>(Arrays.asList(args));
    words.addAll(List.of("-c", folder.resolve("ringkeep.yaml").toString()));
    int exitCode =
        new CommandRunner(screen.console(), Clock.systemUTC(), System::nanoTime)
            .run(words.toArray(String[]::new));
    return new Launcher.Ended(exitCode, screen.out(), screen.err());
  }

  private Launcher.Ended end(int exitCode, String... args) {
    Launcher.Ended ended = run(args);
    assertThat(ended.exitCode()).as("%s: %s", List.of(args), ended).isEqualTo(exitCode);
    return ended;
  }

  private JsonNode json(int exitCode, String... args) {
    List<String> words = new ArrayList<>(Arrays.asList(args));
    words.addAll(List.of("--output", "json"));
    return JsonMapper.shared().readTree(end(exitCode, words.toArray(String[]::new)).out());
  }

  private void configure(String strategy, String... nodes) throws IOException {
    Files.writeString(
        folder.resolve("ringkeep.yaml"),
        "repository:\n  strategy: %s\n  nodes:\n%scache:\n  source: %s\n"
            .formatted(
                strategy,
                Stream.of(nodes).map("    - %s\n"::formatted).collect(Collectors.joining()),
                server.uri()));
  }

  private void folders(String strategy, int count) throws IOException {
    configure(
        strategy,
        IntStream.range(0, count)
            .mapToObj(i -> "{id: n%d, url: nodes/n%d}".formatted(i, i))
            .toArray(String[]::new));
  }

  private Path node(int number) {
    return folder.resolve("nodes/n" + number);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private Launcher.Ended restoreAndCompare(int exitCode) {
    server.call("FLUSHALL");
    Launcher.Ended ended = end(exitCode, "restore", "--target", server.uri(), "--yes");
    assertThat(before.differences(Oracle.read(server))).isEmpty();
    return ended;
  }

  @Test
  void erasure_anyTwoOfSixNodesLost_restoresIsRepairedAndRestoresAgain() throws IOException {
    folders("erasure:4+2", 6);
    end(0, "init");
    assertThat(end(0, "backup").out()).contains("stored on 6 nodes as erasure:4+2: any 2 nodes");
    JsonNode status = json(0, "status");
    assertThat(status.get("storage").get("survives").asInt()).isEqualTo(2);

    List<int[]> pairs = new ArrayList<>();
    for (int a = 0; a < 6; a++) {
      for (int b = a + 1; b < 6; b++) {
        pairs.add(new int[] {a, b});
      }
    }
    Collections.shuffle(pairs, RANDOM);
    for (int[] pair : FULL ? pairs : pairs.subList(0, 2)) {
      for (int lost : pair) {
        delete(node(lost));
      }
      JsonNode degraded = json(1, "status").get("storage");
      assertThat(degraded.get("survives").asInt()).isZero();
      assertThat(degraded.get("degraded").asLong()).isPositive();
      assertThat(restoreAndCompare(0).out()).contains("read from n");

      assertThat(run("nodes", "repair").exitCode())
          .as("4 where the node that decides is one of them")
          .isIn(1, 4);
      Files.createDirectories(node(pair[0]));
      Files.createDirectories(node(pair[1]));
      String ids = "n%d,n%d".formatted(pair[0], pair[1]);
      assertThat(end(0, "nodes", "repair", "--adopt", ids).out()).contains("made anew");
      end(0, "status");
    }
    end(0, "verify");
  }

  @Test
  void copies_twoOfThreeNodesLost_restores() throws IOException {
    folders("copy:3", 3);
    end(0, "init");
    end(0, "backup");
    List<Integer> nodes = new ArrayList<>(List.of(0, 1, 2));
    Collections.shuffle(nodes, RANDOM);
    delete(node(nodes.get(0)));
    delete(node(nodes.get(1)));
    restoreAndCompare(0);
  }

  @Test
  void twoLocalFoldersAndABucket_eitherSideGone_restores() throws IOException {
    System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
    System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
    System.setProperty("aws.disableEc2Metadata", "true");
    S3Server s3 = S3Server.start();
    try {
      configure(
          "copy:3",
          "{id: a, url: nodes/n0, tier: local}",
          "{id: b, url: nodes/n1, tier: local}",
          "{id: c, url: \"s3://%s/c?endpoint=%s\", tier: remote}"
              .formatted(s3.newBucket(), s3.endpoint()));
      end(0, "init");
      end(0, "backup");
      assertThat(restoreAndCompare(0).out())
          .as("local pieces are nearer")
          .containsPattern("read from [ab] \\(local\\)")
          .doesNotContain("(remote)");
      Path away = folder.resolve("away");
      Files.move(folder.resolve("nodes"), away);
      assertThat(restoreAndCompare(0).out()).contains("read from c (remote)");
      Files.move(away, folder.resolve("nodes"));
      s3.close();
      assertThat(restoreAndCompare(0).out()).contains("(local)").contains("node c was left alone");
    } finally {
      s3.close();
      System.clearProperty("aws.accessKeyId");
      System.clearProperty("aws.secretAccessKey");
      System.clearProperty("aws.disableEc2Metadata");
    }
  }

  @Test
  void scrub_flippedBytes_areAllFoundAndMended() throws IOException {
    folders("erasure:4+2", 6);
    end(0, "init");
    end(0, "backup");
    List<Path> pieces;
    try (Stream<Path> files = Files.walk(folder.resolve("nodes"))) {
      pieces =
          new ArrayList<>(
              files
                  .filter(Files::isRegularFile)
                  .filter(file -> file.toString().contains(".data"))
                  .sorted()
                  .toList());
    }
    assertThat(pieces).isNotEmpty();
    Collections.shuffle(pieces, RANDOM);
    List<Path> damaged = pieces.subList(0, Math.max(1, pieces.size() / 100));
    for (Path piece : damaged) {
      byte[] bytes = Files.readAllBytes(piece);
      bytes[RANDOM.nextInt(bytes.length)] ^= (byte) (1 + RANDOM.nextInt(255));
      Files.write(piece, bytes);
    }
    JsonNode found = json(1, "nodes", "scrub");
    assertThat(found.get("damaged").size()).isEqualTo(damaged.size());
    JsonNode mended = json(0, "nodes", "scrub", "--repair");
    assertThat(mended.get("damaged").size()).isEqualTo(damaged.size());
    assertThat(mended.get("rebuilt").asLong()).isEqualTo(damaged.size());
    assertThat(json(0, "nodes", "scrub").get("damaged").size()).isZero();
    restoreAndCompare(0);
  }

  @Test
  void mirror_ofNodes_holdsTheSameAndRefusesWhatIsNone() throws IOException {
    folders("copy:3", 3);
    end(0, "init");
    end(0, "backup");
    String mirror = folder.resolve("mirror").toString();
    JsonNode first = json(0, "mirror", "--to", mirror);
    assertThat(first.get("copied").asLong()).isEqualTo(first.get("objects").asLong());
    assertThat(json(0, "mirror", "--to", mirror).get("copied").asLong()).isZero();
    server.call("SET", "later", "1");
    before = Oracle.read(server);
    end(0, "backup");
    assertThat(json(0, "mirror", "--to", mirror).get("copied").asLong()).isPositive();

    delete(folder.resolve("nodes"));
    server.call("FLUSHALL");
    end(0, "verify", "-r", mirror);
    end(0, "restore", "-r", mirror, "--target", server.uri(), "--yes");
    assertThat(before.differences(Oracle.read(server))).isEmpty();

    String other = folder.resolve("other").toString();
    end(0, "init", "-r", other);
    assertThat(end(2, "mirror", "-r", mirror, "--to", other).err()).contains("another repository");
    String second = folder.resolve("second").toString();
    end(0, "mirror", "-r", mirror, "--to", second);
    end(0, "backup", "-r", second);
    assertThat(end(2, "mirror", "-r", mirror, "--to", second).err()).contains("gone its own way");
  }

  @Test
  void nodes_areAddedDrainedRemovedAndPromoted_andAllIsStillThere() throws IOException {
    folders("copy:2", 3);
    end(0, "init");
    end(0, "backup");
    folders("copy:2", 4);
    assertThat(end(1, "status").out()).contains("node n3 is in the file only");
    assertThat(end(0, "nodes", "apply", "--dry-run").out()).contains("n3");
    end(0, "nodes", "apply");
    end(0, "nodes", "rebalance", "--limit", "100MiB/s");
    end(0, "status");
    end(0, "nodes", "drain", "n0");
    JsonNode drained = json(0, "nodes", "list").get("nodes").get(0);
    if (drained.get("pieces").asLong() > 0) {
      assertThat(end(2, "nodes", "remove", "n0").err()).contains("n0");
    }
    end(0, "nodes", "rebalance");
    end(0, "nodes", "remove", "n0");
    folders("copy:2", 4);
    delete(node(0));
    restoreAndCompare(0);
    assertThat(end(0, "nodes", "promote", "n2").out()).contains("n2 decides");
    end(0, "backup");
  }

  @Test
  void places_thatAreWrong_areNamed() throws IOException {
    folders("copy:3", 2);
    assertThat(end(2, "init").err()).contains("copy:3");
    folders("copy:2", 2);
    end(0, "init");
    assertThat(end(2, "list", "-r", node(0).toString()).err()).contains("one of several");
    assertThat(end(2, "nodes", "list", "-r", folder.resolve("single").toString()).err())
        .contains("no storage nodes");
    configure("copy:2", "{id: n0, url: nodes/n0}", "{id: n0, url: nodes/n1}");
    assertThat(end(2, "list").err()).contains("two nodes have the same id: id=n0 firstLine=4");
    configure("copy:2", "{id: n0, url: \"nodes/${NO_SUCH_VARIABLE}\"}");
    assertThat(end(2, "list").err()).contains("NO_SUCH_VARIABLE", "line 4");
  }

  @Test
  void backup_nodeAway_isDegradedOrRefused() throws IOException {
    folders("erasure:4+2", 6);
    end(0, "init");
    Path away = folder.resolve("away");
    Files.move(node(5), away);
    Files.writeString(node(5), "no folder");
    end(4, "backup", "--require-full");
    assertThat(json(0, "list").size()).isZero();
    Launcher.Ended degraded = end(1, "backup");
    assertThat(degraded.out()).contains("DEGRADED", "n5", "any 1 node may be lost");
    Files.delete(node(5));
    Files.move(away, node(5));
    end(1, "nodes", "list");
    end(0, "nodes", "repair");
    end(0, "nodes", "list");
    for (int i = 2; i < 6; i++) {
      Files.move(node(i), folder.resolve("away" + i));
      Files.writeString(node(i), "no folder");
    }
    end(4, "backup");
  }
}
