package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import tools.jackson.databind.JsonNode;

/// `ringkeep advise` on a live cache and real places.
class AdviseIT {
  @TempDir private Path folder;

  @Test
  void advise_measured_knowsTheCacheAndLeavesNothingBehind() throws IOException {
    Path repository = Files.createDirectory(folder.resolve("repository"));
    Shell shell = new Shell(repository.toString(), "correct horse battery staple");
    try (TestServer server = TestServer.start(Engines.redis70())) {
      Dataset.of(11, 300).writeTo(server);
      long keys = Long.parseLong(server.text("DBSIZE"));
      JsonNode answer =
          shell.json("advise", "--source", server.uri(), "--measure", "--importance", "low");

      JsonNode situation = answer.get("situation");
      assertThat(situation.get("keys").asLong()).isGreaterThanOrEqualTo(keys);
      assertThat(situation.get("shards").asInt()).isEqualTo(1);
      assertThat(situation.get("compression").asDouble()).isBetween(0.01, 1.0);
      assertThat(situation.get("dataBytes").asLong()).isPositive();
      assertThat(answer.get("plans").get(0).get("strategy").asString()).isEqualTo("one place");
    }
    assertThat(files(repository)).isEmpty();
  }

  @Test
  void advise_measured_timesOurOwnWorkUnlessAPaceIsGiven() {
    Shell shell = new Shell(folder.resolve("none").toString(), "unused");
    try (TestServer server = TestServer.start(Engines.redis70())) {
      Dataset.of(11, 300).writeTo(server);
      List<String> words =
          List.of("advise", "--source", server.uri(), "--measure", "--nodes", "2,100MiB/s,1TB");
      JsonNode measured = shell.json(words.toArray(String[]::new));
      double pace = measured.get("situation").get("pace").asDouble();
      // A start takes 1.5 s at pace 1, and there is hardly any data.
      double backup = measured.get("plans").get(0).get("firstBackupSeconds").asDouble();

      assertThat(pace).isPositive().isNotEqualTo(1.0);
      assertThat(backup).isCloseTo(1.5 * pace, within(0.5 * pace));
      assertThat(shell.succeed(words.toArray(String[]::new)).out())
          .containsPattern("pace [0-9.]+, timed on this host with these keys");

      List<String> given = new ArrayList<>(words);
      given.addAll(List.of("--pace", "0.5"));
      assertThat(shell.json(given.toArray(String[]::new)).get("situation").get("pace").asDouble())
          .isEqualTo(0.5);
      assertThat(shell.succeed(given.toArray(String[]::new)).out()).doesNotContain("timed on");
    }
  }

  @Test
  void advise_measuredClusterAndNodes_knowsEveryPrimaryAndEveryNode() throws IOException {
    Path nodes = Files.createDirectory(folder.resolve("nodes"));
    List<String> lines = new ArrayList<>(List.of("repository:", "  strategy: copy:2", "  nodes:"));
    for (String id : List.of("a", "b", "c")) {
      lines.add("    - {id: %s, url: %s}".formatted(id, Files.createDirectory(nodes.resolve(id))));
    }
    Path settings = Files.write(folder.resolve("ringkeep.yaml"), lines);
    Shell shell = Shell.configured(settings.toString(), "correct horse battery staple");
    try (TestCluster cluster = TestCluster.start(Engines.redis70(), 3)) {
      Dataset.of(11, 300).writeTo(cluster);
      long keys = 0;
      for (TestServer primary : cluster.primaries()) {
        keys += primary.keys(0);
      }
      JsonNode situation =
          shell
              .json("advise", "--source", cluster.uri(), "--measure", "--importance", "low")
              .get("situation");

      assertThat(situation.get("shards").asInt()).isEqualTo(3);
      // Short expiries may end before it looks, never begin.
      assertThat(situation.get("keys").asLong()).isBetween(1L, keys);
      assertThat(situation.get("compression").asDouble()).isBetween(0.01, 1.0);
      assertThat(situation.get("places").asInt()).isEqualTo(3);
    }
    assertThat(files(nodes)).isEmpty();
  }

  @Test
  void advise_measuredDatabases_areWeighedByTheirKeys() {
    Shell shell = new Shell(folder.resolve("none").toString(), "unused");
    try (TestServer server = TestServer.start(Engines.redis62());
        Jedis client = server.client()) {
      // Nothing in database 0; many small values, and few large ones that hold nearly all.
      client.select(3);
      for (int i = 0; i < 2_000; i++) {
        client.set("small:" + i, "x");
      }
      client.select(5);
      byte[] large = new byte[20_000];
      for (int i = 0; i < 100; i++) {
        new Random(i).nextBytes(large);
        client.set(("large:" + i).getBytes(StandardCharsets.US_ASCII), large);
      }
      JsonNode situation =
          shell
              .json("advise", "--source", server.uri(), "--measure", "--nodes", "2,100MiB/s,1TB")
              .get("situation");

      assertThat(situation.get("keys").asLong()).isEqualTo(2_100);
      assertThat(situation.get("dataBytes").asLong()).isBetween(1_900_000L, 2_200_000L);
      assertThat(situation.get("compression").asDouble()).isGreaterThan(0.9);
    }
  }

  @Test
  void advise_measuredKeysTooLargeToRead_countWithWhatTheyTakeInMemory() {
    Shell shell = new Shell(folder.resolve("none").toString(), "unused");
    try (TestServer server = TestServer.start(Engines.redis70());
        Jedis client = server.client()) {
      for (int i = 0; i < 500; i++) {
        client.set("small:" + i, "x");
      }
      for (int i = 0; i < 3; i++) {
        client.set(("large:" + i).getBytes(StandardCharsets.US_ASCII), new byte[2 << 20]);
      }
      JsonNode situation =
          shell
              .json("advise", "--source", server.uri(), "--measure", "--nodes", "2,100MiB/s,1TB")
              .get("situation");

      assertThat(situation.get("dataBytes").asLong()).isBetween(6L << 20, 9L << 20);
    }
  }

  @Test
  void advise_liveCacheWithoutMeasuring_takesUpperBounds() {
    Shell shell = new Shell(folder.resolve("none").toString(), "unused");
    try (TestServer server = TestServer.start(Engines.redis70())) {
      server.text("SET", "key", "value");

      assertThat(
              shell.succeed("advise", "--source", server.uri(), "--nodes", "2,100MiB/s,1TB").out())
          .contains("1 key,")
          .contains("both are upper bounds");
    }
  }

  private static List<Path> files(Path place) throws IOException {
    try (Stream<Path> files = Files.walk(place)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
