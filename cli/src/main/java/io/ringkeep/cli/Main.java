package io.ringkeep.cli;

import io.ringkeep.cli.session.Console;
import java.time.Clock;

/// The process: runs one command line and exits with its status.
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Console console = Console.ofProcess();
    CommandRunner runner = new CommandRunner(console, Clock.systemUTC(), System::nanoTime);
    int exitCode = Interruption.run(() -> runner.run(args), console);
    console.out().flush();
    console.err().flush();
    System.exit(exitCode);
  }
}
