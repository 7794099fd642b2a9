package io.ringkeep.cli;

import io.ringkeep.cli.session.Console;
import java.time.Clock;

/// The process: runs one command line and exits with its status.
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Console console = Console.ofProcess();
    CommandRunner runner = runner(console);
    int exitCode = Interruption.run(() -> runner.run(args), console);
    console.out().flush();
    console.err().flush();
    System.exit(exitCode);
  }

  /// Runs command lines in this machine's time.
  static CommandRunner runner(Console console) {
    return new CommandRunner(console, Clock.systemUTC(), System::nanoTime);
  }
}
