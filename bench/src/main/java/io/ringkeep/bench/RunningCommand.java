package io.ringkeep.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A command that goes on until it is told to end.
final class RunningCommand implements AutoCloseable {
  private final Path errors;
  private final Process process;

  private RunningCommand(Path errors, Process process) {
    this.errors = errors;
    this.process = process;
  }

  static RunningCommand start(List<String> command, Map<String, String> environment)
      throws IOException {
    Path errors = Files.createTempFile("ringkeep-bench", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(errors.toFile());
    builder.environment().putAll(environment);
    return new RunningCommand(errors, builder.start());
  }

  /// Fails if it has ended by itself.
  void requireAlive() throws IOException {
    if (!process.isAlive()) {
      throw new IOException(
          "ended with %d: %s".formatted(process.exitValue(), Files.readString(errors)));
    }
  }

  /// Tells it to end, and waits until it has.
  void end() throws IOException, InterruptedException {
    requireAlive();
    process.destroy();
    process.waitFor();
  }

  /// Kills it if it still runs.
  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.deleteIfExists(errors);
  }
}
