package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.function.BooleanSupplier;

/// Runs the command in a process of its own: as people do, `./ringkeep`, or the classes of this
/// test.
final class Launcher {
  static final Path ROOT = Path.of(System.getProperty("ringkeep.root"));
  private static final long TIMEOUT_SECONDS = 300;

  private final Path folder;
  private final List<String> program;
  private final Map<String, String> environment = new HashMap<>();

  /// Runs the packaged command.
  ///
  /// @param folder for what it writes, and for its temporary files
  Launcher(Path folder) {
    this(folder, List.of(ROOT.resolve("ringkeep").toString()));
    environment.put("RINGKEEP_JAVA_OPTIONS", "-Djava.io.tmpdir=" + folder);
  }

  private Launcher(Path folder, List<String> program) {
    this.folder = folder;
    this.program = program;
    environment.put("XDG_CACHE_HOME", localFolder());
  }

  /// Where what the tests' machine knows of snapshots lies: not in the home of who runs them.
  static String localFolder() {
    return ROOT.resolve("cli/target/known").toString();
  }

  /// Runs the main class with the class path of this test and the limits of the packaged command:
  /// what is started is the process that works, from its first moment on.
  static Launcher ofClasses(Path folder) {
    return new Launcher(
        folder,
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@" + ROOT.resolve("bin/java-options"),
            // Most of a short run is its start.
            "-XX:TieredStopAtLevel=1",
            // Where the locks of its leases are: the same place as this process's.
            "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName()));
  }

  /// The same with a shell's limit on the size of each file that is written: a small disk.
  Launcher withLargestFile(int kibibytes) {
    List<String> limited = new ArrayList<>();
    limited.addAll(List.of("bash", "-c", "ulimit -f " + kibibytes + "; exec \"$@\"", "bash"));
    limited.addAll(program);
    Launcher launcher = new Launcher(folder, limited);
    launcher.environment.putAll(environment);
    return launcher;
  }

  /// The same, of classes, with less heap than the packaged command has.
  Launcher withHeap(int mebibytes) {
    List<String> limited = new ArrayList<>(program);
    limited.add(2, "-Xmx" + mebibytes + "m");
    Launcher launcher = new Launcher(folder, limited);
    launcher.environment.putAll(environment);
    return launcher;
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

    /// Whether it has said a word on standard error.
    boolean said(String word) {
      try {
        return errSoFar().contains(word);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// Waits until `reached` holds.
    ///
    /// @throws AssertionError after three minutes, or at once if the command has ended
    void until(BooleanSupplier reached) throws IOException, InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
      while (!reached.getAsBoolean()) {
        assertThat(process.isAlive()).as(errSoFar()).isTrue();
        assertThat(System.nanoTime()).as(errSoFar()).isLessThan(deadline);
        Thread.sleep(100);
      }
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
    return start(program, args);
  }

  Running startAs(Path other, String... args) throws IOException {
    return start(List.of(other.toString()), args);
  }

  private Running start(List<String> words, String... args) throws IOException {
    // A build that runs in the background may ignore Ctrl-C, and its children would inherit that.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.addAll(words);
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
