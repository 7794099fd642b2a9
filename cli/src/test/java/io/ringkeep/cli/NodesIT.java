package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// A repository on several storage nodes: backed up, nodes lost, restored, repaired, lost again.
class NodesIT extends NodesStory {

  @Test
  void erasure_anyTwoOfSixNodesLost_restoresIsRepairedAndRestoresAgain() throws IOException {
    encrypted = true;
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
  void copies_anyTwoOfThreeNodesLost_restores() throws IOException {
    folders("copy:3", 3);
    end(0, "init");
    end(0, "backup");
    List<Integer> left = new ArrayList<>(List.of(0, 1, 2));
    Collections.shuffle(left, RANDOM);
    for (int survivor : FULL ? left : left.subList(0, 1)) {
      List<Integer> lost = Stream.of(0, 1, 2).filter(node -> node != survivor).toList();
      for (int node : lost) {
        delete(node(node));
      }
      assertThat(restoreAndCompare(0).out()).contains("read from n" + survivor);
      for (int node : lost) {
        Files.createDirectories(node(node));
      }
      end(0, "nodes", "repair", "--adopt", "n%d,n%d".formatted(lost.get(0), lost.get(1)));
    }
  }

  @Test
  void twoLocalFoldersAndABucket_eitherSideGone_restores() throws IOException {
    S3Server s3 = S3Server.start();
    try (BucketKeys _ = BucketKeys.set()) {
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
    }
  }

  @Test
  void mirror_ofNodes_holdsTheSameAndRefusesWhatIsNone() throws IOException {
    encrypted = true;
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
    assertThat(end(0, "nodes", "apply", "--dry-run").out())
        .contains("n3", "dry run", "% of the pieces belong elsewhere");
    JsonNode dry = json(0, "nodes", "apply", "--dry-run");
    assertThat(dry.get("differences").size()).isEqualTo(1);
    assertThat(dry.has("epoch")).isFalse();
    assertThat(dry.get("moves").asDouble()).isPositive();
    assertThat(json(0, "nodes", "apply").get("epoch").asInt()).isEqualTo(2);
    assertThat(json(0, "nodes", "apply").get("differences").size()).isZero();
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
  void remove_nodeThatDecidesIsLost_isRebuiltOnTheOthersThenTakenOff() throws IOException {
    folders("copy:2", 3);
    end(0, "init");
    end(0, "backup");
    assertThat(json(0, "nodes", "list").get("decides").asString()).isEqualTo("n0");
    // Where a single object lies is chance.
    while (json(0, "status").at("/storage/nodes/0/pieces").asLong() == 0) {
      end(0, "backup", "--full");
    }
    delete(node(0));
    assertThat(end(2, "nodes", "remove", "n0").err()).contains("'nodes remove n0 --lost'");
    assertThat(end(0, "nodes", "remove", "n0", "--lost").out())
        .contains("node n0 is lost", "'nodes repair' makes them anew, then 'nodes remove n0'")
        .doesNotContain("n0 decides");
    assertThat(json(1, "status").get("storage").get("degraded").asLong()).isPositive();
    end(0, "nodes", "repair");
    end(0, "nodes", "remove", "n0");
    configure("copy:2", "{id: n1, url: nodes/n1}", "{id: n2, url: nodes/n2}");
    end(0, "status");
    delete(node(1));
    restoreAndCompare(0);
  }

  @Test
  void remove_nodeLostAndNoneToSpare_waitsForAnother() throws IOException {
    folders("copy:3", 3);
    assertThat(end(0, "init").out()).contains("note: copy:3 uses all 3 nodes");
    end(0, "backup");
    delete(node(1));
    assertThat(end(0, "nodes", "remove", "n1", "--lost").out()).contains("add a node");
    end(1, "nodes", "repair");
    assertThat(end(2, "nodes", "remove", "n1").err()).contains("add a node first");
    folders("copy:3", 4);
    end(0, "nodes", "add", "n3");
    assertThat(end(0, "nodes", "repair").out()).contains("made anew");
    end(0, "nodes", "remove", "n1");
    configure(
        "copy:3", "{id: n0, url: nodes/n0}", "{id: n2, url: nodes/n2}", "{id: n3, url: nodes/n3}");
    end(0, "status");
    delete(node(0));
    delete(node(2));
    restoreAndCompare(0);
  }

  @Test
  void mirror_nodeOfTheFirstAway_saysSoAndRemovesNothing() throws IOException {
    folders("shard:3", 3);
    end(0, "init");
    end(0, "backup");
    Path mirror = folder.resolve("mirror");
    Files.writeString(
        folder.resolve("second.yaml"),
        """
        repository:
          strategy: copy:2
          nodes:
            - {id: x, url: mirror/x}
            - {id: y, url: mirror/y}
            - {id: z, url: mirror/z}
        """);
    String second = folder.resolve("second.yaml").toString();
    assertThat(end(0, "mirror", "--to", second).out()).contains("stored on 3 nodes as copy:2");
    Path away = folder.resolve("away");
    Files.move(node(1), away);
    assertThat(end(4, "mirror", "--to", second, "--prune").err())
        .contains("nothing was removed", "n1=", "leave out --prune");
    assertThat(end(1, "mirror", "--to", second).out())
        .contains("INCOMPLETE: what node n1 alone holds was not copied");
    Files.move(away, node(1));
    end(0, "mirror", "--to", second, "--prune");

    // What came from another strategy is repaired like the rest. Where few objects lie is chance,
    // but each has a copy on y or z.
    Path first = folder.resolve("ringkeep.yaml");
    Files.move(first, folder.resolve("first.yaml"));
    Files.copy(folder.resolve("second.yaml"), first);
    String wiped = json(0, "status").at("/storage/nodes/1/pieces").asLong() > 0 ? "y" : "z";
    delete(mirror.resolve(wiped));
    Files.createDirectories(mirror.resolve(wiped));
    assertThat(json(1, "status").get("storage").get("degraded").asLong()).isPositive();
    assertThat(end(0, "nodes", "repair", "--adopt", wiped).out()).contains("made anew");
    end(0, "status");
    delete(mirror.resolve("x"));
    restoreAndCompare(0);
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
    configure(
        "copy:2", "{id: n0, url: nodes/n0}", "{id: n1, url: \"file://%s\"}".formatted(node(0)));
    assertThat(end(2, "list").err()).contains("two nodes are the same place: nodes=n0,n1");
    Files.createSymbolicLink(node(7), Files.createDirectories(node(8)));
    configure("copy:2", "{id: n7, url: nodes/n7}", "{id: n8, url: nodes/n8}");
    assertThat(end(2, "init").err()).contains("two nodes are the same place: nodes=n7,n8");
    configure("copy:2", "{id: n7, url: nodes/n7}", "{id: n9, url: nodes/n9}");
    end(0, "init");
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
