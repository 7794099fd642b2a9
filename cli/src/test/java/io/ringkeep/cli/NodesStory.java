package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.cli.session.Screen;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A server with some data, and a repository on storage nodes that commands are run on.
@ResourceLock(Resources.SYSTEM_PROPERTIES)
abstract class NodesStory {
  static final boolean FULL = "full".equals(System.getProperty("ringkeep.proof"));
  static final Random RANDOM = Seeds.random("NodesStory");

  @TempDir Path folder;
  // Whether repositories are made with a passphrase, which costs each command a second.
  boolean encrypted;
  TestServer server;
  Contents before;

  @BeforeEach
  final void fillServer() {
    server = TestServer.start(Engines.redis70());
    Dataset.of(RANDOM.nextLong(), 400).withoutFunctions().writeTo(server);
    before = Oracle.read(server);
  }

  @AfterEach
  final void stopServer() {
    server.close();
  }

  final Launcher.Ended run(String... args) {
    Screen screen = new Screen();
    List<String> words = new ArrayList<>(Arrays.asList(args));
    if (encrypted) {
      screen.variable("RINGKEEP_PASSPHRASE", "correct horse");
    } else if (args[0].equals("init")) {
      words.addAll(List.of("--encryption", "none"));
    }
    words.addAll(List.of("-c", folder.resolve("ringkeep.yaml").toString()));
    int exitCode =
        new CommandRunner(screen.console(), Clock.systemUTC(), System::nanoTime)
            .run(words.toArray(String[]::new));
    return new Launcher.Ended(exitCode, screen.out(), screen.err());
  }

  final Launcher.Ended end(int exitCode, String... args) {
    Launcher.Ended ended = run(args);
    assertThat(ended.exitCode()).as("%s: %s", List.of(args), ended).isEqualTo(exitCode);
    return ended;
  }

  final JsonNode json(int exitCode, String... args) {
    List<String> words = new ArrayList<>(Arrays.asList(args));
    words.addAll(List.of("--output", "json"));
    return JsonMapper.shared().readTree(end(exitCode, words.toArray(String[]::new)).out());
  }

  final void configure(String strategy, String... nodes) throws IOException {
    Files.writeString(
        folder.resolve("ringkeep.yaml"),
        "repository:\n  strategy: %s\n  nodes:\n%scache:\n  source: %s\n"
            .formatted(
                strategy,
                Stream.of(nodes).map("    - %s\n"::formatted).collect(Collectors.joining()),
                server.uri()));
  }

  final void folders(String strategy, int count) throws IOException {
    configure(
        strategy,
        IntStream.range(0, count)
            .mapToObj(i -> "{id: n%d, url: nodes/n%d}".formatted(i, i))
            .toArray(String[]::new));
  }

  final Path node(int number) {
    return folder.resolve("nodes/n" + number);
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  final Launcher.Ended restoreAndCompare(int exitCode) {
    server.call("FLUSHALL");
    Launcher.Ended ended = end(exitCode, "restore", "--target", server.uri(), "--yes");
    assertThat(before.differences(Oracle.read(server))).isEmpty();
    return ended;
  }
}
