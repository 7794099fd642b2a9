package io.ringkeep.repository;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Another Java process of this test: one that can be stopped and killed. Closing it kills it.
public final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  private ChildJvm(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  /// Starts a main class with this test's class path.
  public static ChildJvm start(Class<?> main, Object... arguments) throws IOException {
    return start(List.of(), List.of(), main, arguments);
  }

  /// Starts a main class with more options for the JVM.
  public static ChildJvm withOptions(List<String> options, Class<?> main) throws IOException {
    return start(List.of(), options, main);
  }

  /// Starts a main class behind a command such as `prlimit`.
  public static ChildJvm start(List<String> before, Class<?> main, Object... arguments)
      throws IOException {
    return start(before, List.of(), main, arguments);
  }

  private static ChildJvm start(
      List<String> before, List<String> options, Class<?> main, Object... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=4", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(options);
    command.add("-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"));
    command.add(main.getName());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return new ChildJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /// The next line that it prints.
  public String line() {
    try {
      String line = output.readLine();
      if (line == null) {
        throw new IllegalStateException("the child process has ended");
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Everything that it prints from here on, until it ends.
  public String rest() {
    return String.join("\n", output.lines().toList());
  }

  public long pid() {
    return process.pid();
  }

  /// Sends a signal, such as `STOP`.
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
  }

  /// SIGKILL, and waits until it is gone.
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  public int exitCode() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the child process does not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    kill();
  }
}
