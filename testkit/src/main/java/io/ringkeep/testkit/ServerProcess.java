package io.ringkeep.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// A running server program and what it printed. It dies with this process, however that ends.
final class ServerProcess {
  private static final Duration DEATH_TIMEOUT = Duration.ofSeconds(20);
  private static final int SHOWN_LOG_LINES = 30;

  private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();

  static {
    try {
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .name("kill-test-servers")
                  .unstarted(() -> ALIVE.forEach(Process::destroyForcibly)));
    } catch (IllegalStateException e) {
      // This process is ending already: whoever starts one now ends it, or else the reaper does.
    }
  }

  private final Process process;
  private final Path log;

  private ServerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /// Starts a program in `directory`. Its output is added to `log`.
  static ServerProcess start(List<String> command, Path directory, Path log) {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      ALIVE.add(process);
      Reaper.tell("born", process.pid());
      process.getOutputStream().close();
      return new ServerProcess(process, log);
    } catch (IOException e) {
      throw new EngineException("server program does not start: " + command.getFirst(), e);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// SIGKILL, and waits until it is gone.
  void kill() {
    process.destroyForcibly();
    awaitDeath();
  }

  /// Waits until it is gone; kills it if that takes too long.
  void awaitDeath() {
    try {
      if (!process.waitFor(DEATH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        process.waitFor();
      }
      ALIVE.remove(process);
      Reaper.tell("gone", process.pid());
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /// Sends a signal by its name, such as `STOP`.
  void signal(String name) {
    try {
      int code =
          new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
              .inheritIO()
              .start()
              .waitFor();
      if (code != 0) {
        throw new EngineException("signal not sent: signal=" + name + " pid=" + pid());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while sending a signal", e);
    }
  }

  /// The last lines that it printed, for a message.
  String lastLines() {
    List<String> lines = log(log).lines().toList();
    return String.join(
        "\n", lines.subList(Math.max(0, lines.size() - SHOWN_LOG_LINES), lines.size()));
  }

  static String log(Path log) {
    try {
      return Files.exists(log) ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Keeps a log in the folder that the system property `ringkeep.logs` names, if it names one.
  static void keepLog(Path log, String name) {
    String folder = System.getProperty("ringkeep.logs");
    if (folder == null || !Files.exists(log)) {
      return;
    }
    try {
      Files.createDirectories(Path.of(folder));
      Files.write(
          Path.of(folder, name),
          Files.readAllBytes(log),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
