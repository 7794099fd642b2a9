package io.ringkeep.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The packaged `ringkeep` at work on one encrypted repository, each run a process of its own.
final class PackagedCommand {
  static final String PASSPHRASE = "only for measuring";
  private static final Path NOTHING = Path.of("/dev/null");

  private final Path program;
  private final Path folder;
  private long peakBytes;

  /// @param root of the sources, where it was packaged
  /// @param folder for the repository, and what a backup knows of its last
  PackagedCommand(Path root, Path folder) {
    this.program = root.resolve("ringkeep");
    this.folder = folder;
  }

  /// Runs a command to its end.
  ///
  /// @param arguments the command and its options, without the repository's place
  /// @throws IOException if it does not exit with 0
  ProcessRun run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-r", repository().toString()));
    ProcessRun run =
        ProcessRun.of(
            command,
            NOTHING,
            Map.of(
                "RINGKEEP_PASSPHRASE",
                PASSPHRASE,
                "XDG_CACHE_HOME",
                folder.resolve("known").toString()));
    peakBytes = Math.max(peakBytes, run.peakBytes());
    return run;
  }

  Path repository() {
    return folder.resolve("repository");
  }

  /// The highest resident memory of any run so far.
  long peakBytes() {
    return peakBytes;
  }
}
