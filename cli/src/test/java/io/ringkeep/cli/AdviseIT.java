package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
