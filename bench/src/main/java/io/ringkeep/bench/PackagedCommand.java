package io.ringkeep.bench;

import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.store.file.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    ProcessRun run = ProcessRun.of(command(arguments), NOTHING, environment());
    peakBytes = Math.max(peakBytes, run.peakBytes());
    return run;
  }

  /// Starts one that goes on until it is told to end.
  RunningCommand start(String... arguments) throws IOException {
    return RunningCommand.start(command(arguments), environment());
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-r", repository().toString()));
    return command;
  }

  private Map<String, String> environment() {
    return Map.of(
        "RINGKEEP_PASSPHRASE",
        PASSPHRASE,
        "XDG_CACHE_HOME",
        folder.resolve("known").toString(),
        "XDG_STATE_HOME",
        folder.resolve("state").toString());
  }

  /// The repository, for this process to look into.
  Repository open() throws IOException {
    return Repository.open(
        new FileStore(repository()), Optional.of(Passphrase.of(PASSPHRASE)), Clock.systemUTC());
  }

  /// Begins anew: no repository, nothing known of one.
  void forget() throws IOException {
    for (String place : List.of("repository", "known", "state")) {
      Suite.deleteTree(folder.resolve(place));
    }
  }

  Path repository() {
    return folder.resolve("repository");
  }

  /// The highest resident memory of any run so far.
  long peakBytes() {
    return peakBytes;
  }
}
