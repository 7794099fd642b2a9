package io.ringkeep.cli;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Console;
import io.ringkeep.cli.session.Prompt;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// What the build runs once so that every later start is quick: the common commands over a snapshot
/// of an RDB made for it. The JVM keeps the classes they load and what it learns about hot code.
///
/// Cost: some seconds of a build. It needs no server, so what talks to one is not part of it.
final class Rehearsal {
  private final Path folder;
  private final CommandRunner runner;

  private Rehearsal(Path folder) {
    this.folder = folder;
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    runner =
        Main.runner(
            new Console(
                nowhere,
                Console.ofProcess().err(),
                Map.of(),
                Prompt.none(),
                OptionalInt.empty(),
                /* unicode= */ false));
  }

  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("ringkeep-rehearsal");
    try {
      new Rehearsal(folder).run();
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private void run() throws IOException {
    String rdb = folder.resolve("dump.rdb").toString();
    RehearsalDump.write(Path.of(rdb));
    Files.writeString(folder.resolve("passphrase"), "of a rehearsal");
    ringkeep("init");
    ringkeep("import", rdb);
    ringkeep("list");
    ringkeep("list", "--output", "json");
    ringkeep("show", "latest");
    ringkeep("verify");
    ringkeep("status");
    ringkeep("export", "--to", folder.resolve("export.rdb").toString());
  }

  private void ringkeep(String verb, String... arguments) {
    String[] line =
        Stream.concat(
                Stream.of(
                    "-q",
                    "-r",
                    folder.resolve("repository").toString(),
                    "--passphrase-file",
                    folder.resolve("passphrase").toString(),
                    verb),
                Stream.of(arguments))
            .toArray(String[]::new);
    if (runner.run(line) != Answer.DONE) {
      throw new IllegalStateException("rehearsal failed: " + verb);
    }
  }
}
