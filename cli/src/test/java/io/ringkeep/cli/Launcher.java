package io.ringkeep.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs the packaged command as people do: `./ringkeep` in a process of its own.
final class Launcher {
  static final Path ROOT = Path.of(System.getProperty("ringkeep.root"));
  private static final long TIMEOUT_SECONDS = 120;

  private final Path folder;
  private final Map<String, String> environment = new HashMap<>();

  /// @param folder for what it writes, and for its temporary files
  Launcher(Path folder) {
    this.folder = folder;
    environment.put("RINGKEEP_JAVA_OPTIONS", "-Djava.io.tmpdir=" + folder);
  }

  Launcher variable(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /// A command that has ended.
  record Ended(int exitCode, String out, String err) {
    @Override
    public String toString() {
      return "exit status %d%n%s%n%s".formatted(exitCode, out, err);
    }
  }

  /// A command that runs.
  record Running(Process process, Path out, Path err) {
    void signal(String name) throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }

    String errSoFar() throws IOException {
      return Files.readString(err, StandardCharsets.UTF_8);
    }

    Ended await() throws IOException, InterruptedException {
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("command does not end: " + errSoFar());
      }
      return new Ended(
          process.exitValue(), Files.readString(out, StandardCharsets.UTF_8), errSoFar());
    }
  }

  Ended run(String... args) {
    try {
      return start(args).await();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  Running start(String... args) throws IOException {
    return startAs(ROOT.resolve("ringkeep"), args);
  }

  Running startAs(Path program, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(List.of(args));
    Path out = Files.createTempFile(folder, "out-", ".txt");
    Path err = Files.createTempFile(folder, "err-", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    return new Running(builder.start(), out, err);
  }
}
