package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `./ringkeep demo`, on a machine that has nothing but a JDK.
class DemoIT {
  @TempDir Path folder;

  /// Command lines of running processes that name our folder, where the demo's servers live.
  private List<String> serversLeft() {
    return ProcessHandle.allProcesses()
        .flatMap(process -> process.info().commandLine().stream())
        .filter(line -> line.contains(folder + "/ringkeep-"))
        .toList();
  }

  /// All but the one where the commands of this machine keep their locks.
  private List<Path> foldersLeft() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isDirectory)
          .filter(path -> !path.toString().endsWith("-leases"))
          .toList();
    }
  }

  @Test
  void demo_allSteps_passAndLeaveNothing() throws Exception {
    Launcher.Ended ended = new Launcher(folder).run("demo", "--output", "json");

    assertThat(ended.exitCode()).as(ended.toString()).isZero();
    JsonNode demo = JsonMapper.shared().readTree(ended.out());
    assertThat(demo.get("passed").asBoolean()).isTrue();
    assertThat(demo.get("steps").findValuesAsString("step"))
        .containsExactly(
            "unpack", "start", "fill", "init", "backup", "lose", "restore", "compare", "restore",
            "compare");
    assertThat(serversLeft()).isEmpty();
    assertThat(foldersLeft()).isEmpty();
  }

  @Test
  void demo_interrupted_leavesNothing() throws Exception {
    Launcher.Running running = new Launcher(folder).start("demo");
    while (serversLeft().isEmpty()) {
      assertThat(running.process().isAlive()).isTrue();
      Thread.sleep(50);
    }
    running.signal("INT");
    Launcher.Ended ended = running.await();

    assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(130);
    assertThat(serversLeft()).isEmpty();
    assertThat(foldersLeft()).isEmpty();
  }
}
