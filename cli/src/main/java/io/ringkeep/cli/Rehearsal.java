package io.ringkeep.cli;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Console;
import io.ringkeep.cli.session.Prompt;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.RdbWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// What the build runs once so that every later start is quick: the common commands over a snapshot
/// of an RDB made for it. The JVM keeps the classes they load and what it learns about hot code.
///
/// Cost: some seconds of a build. It needs no server, so what talks to one is not part of it.
final class Rehearsal {
  private static final int RECORDS = 300_000;
  private static final RdbVersion VERSION = RdbVersion.redis(10);
  private static final int STRING = 0;

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
    writeRdb(Path.of(rdb));
    Files.writeString(folder.resolve("passphrase"), "of a rehearsal");
    ringkeep("init");
    ringkeep("import", rdb);
    ringkeep("list");
    ringkeep("list", "--output", "json");
    ringkeep("show", "latest");
    ringkeep("verify");
    ringkeep("status");
    ringkeep("get", "user:4711");
    ringkeep("get", "user:4711", "--output", "json");
    ringkeep("history", "user:4711");
    ringkeep("keys", "user:471*", "--top", "3");
    ringkeep("report");
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

  private static void writeRdb(Path file) throws IOException {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      RdbWriter writer = new RdbWriter(out, VERSION);
      for (int i = 0; i < RECORDS; i++) {
        byte[] value =
            "{\"id\":%d,\"name\":\"%x\"}".formatted(i, i * 31L).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer encoded = ByteBuffer.allocate(1 + value.length);
        encoded.put((byte) value.length).put(value).flip();
        writer.record(
            new Record(
                0,
                ByteBuffer.wrap(("user:" + i).getBytes(StandardCharsets.US_ASCII)),
                Record.NO_EXPIRY,
                Heat.UNKNOWN,
                STRING,
                VERSION,
                encoded));
      }
      writer.finish();
    }
  }
}
