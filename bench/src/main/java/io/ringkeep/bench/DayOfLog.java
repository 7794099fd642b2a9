package io.ringkeep.bench;

import io.ringkeep.redis.topology.Shard;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.ArchiverState;
import io.ringkeep.repository.log.ArchiverStates;
import io.ringkeep.repository.log.LogWriter;
import io.ringkeep.repository.log.LogWriter.Draft;
import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.StreamState;
import io.ringkeep.repository.manifest.ManifestShard;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.TestServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A log of 24 hours as an archiver leaves it: a segment a second, merged and deleted as time goes
/// on, but without the time.
final class DayOfLog {
  static final double MOST_SECONDS = 1;

  private static final String CACHE = "default";
  private static final int WRITES = 1_000;
  private static final int MARKS = 10;
  private static final int COMMANDS = 11;
  private static final StreamState STATE =
      new StreamState(/* database= */ 0, /* insideTransaction= */ false);

  private final Repository repository;
  private final ShardLog log;
  private final ManifestShard base;
  private final Engine engine;
  private final Random random = new Random(42);

  private DayOfLog(Repository repository, Engine engine) throws IOException {
    this.repository = repository;
    this.log = repository.log(CACHE, Shard.SOLE);
    this.base = repository.snapshots(CACHE).all().getFirst().shards().getFirst();
    this.engine = engine;
  }

  /// How soon commands answered.
  ///
  /// @param seconds that the log is of
  /// @param segments that it consists of
  /// @param status seconds that each `status` took
  /// @param plan seconds that each `restore --to … --dry-run` took
  record Answers(long seconds, int segments, List<Double> status, List<Double> plan) {}

  /// Writes it behind a base, then asks.
  ///
  /// @param ringkeep with a repository that is empty
  static Answers write(PackagedCommand ringkeep, Engine engine, double scale)
      throws IOException, InterruptedException {
    long seconds = Math.round(Duration.ofHours(24).toSeconds() * scale);
    try (TestServer source = TestServer.start(engine);
        Repository repository = ringkeep.open()) {
      source.call("SET", "base", "1");
      ringkeep.run("backup", "--source", source.uri());
      DayOfLog day = new DayOfLog(repository, engine);
      Instant end = Instant.now().truncatedTo(ChronoUnit.MILLIS);
      long offset = day.write(end.minusSeconds(seconds), seconds);
      List<Double> status = new ArrayList<>();
      List<Double> plan = new ArrayList<>();
      for (int i = 0; i < COMMANDS; i++) {
        day.sayItIsArchived(offset);
        status.add(ringkeep.run("status").seconds());
        plan.add(
            ringkeep
                .run(
                    "restore",
                    "--to",
                    end.minusSeconds(seconds / 2).toString(),
                    "--target",
                    source.uri(),
                    "--existing",
                    "replace",
                    "--dry-run")
                .seconds());
      }
      return new Answers(seconds, day.log.stretches().getLast().segments(), status, plan);
    }
  }

  /// @return where the log ends
  private long write(Instant from, long seconds) throws IOException {
    try (LogWriter writer = log.begin(base.replid(), base.offset(), STATE)) {
      for (long i = 0; i < seconds; i++) {
        Instant second = from.plusSeconds(i);
        byte[] bytes = commands(i == 0);
        long start = writer.end().offset();
        writer.append(
            new Draft(
                start + bytes.length,
                STATE,
                second,
                second.plusSeconds(1),
                "redis " + engine.version(),
                marks(start, start + bytes.length, second)),
            Channels.newChannel(new ByteArrayInputStream(bytes)));
        if (i % 3_600 == 0) {
          System.err.printf("a day of log: %d of %d s%n", i, seconds);
        }
        if (i % 60 == 59) {
          while (log.merge(/* undisturbed= */ true, second) > 0) {
            // One run of segments at a time.
          }
        }
      }
      return writer.end().offset();
    }
  }

  private byte[] commands(boolean first) {
    StringBuilder text = new StringBuilder(first ? "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n" : "");
    for (int i = 0; i < WRITES; i++) {
      text.append("*3\r\n$3\r\nSET\r\n$11\r\nkey:")
          .append(1_000_000 + random.nextInt(1_000_000))
          .append("\r\n$10\r\n")
          .append(1_000_000_000 + random.nextInt(1_000_000_000))
          .append("\r\n");
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /// Arrivals each time that something came to the disk, then what the server said itself.
  private static List<Mark> marks(long start, long end, Instant second) {
    List<Mark> marks = new ArrayList<>();
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, second);
    for (int i = 1; i <= MARKS; i++) {
      boolean last = i == MARKS;
      marks.add(
          new Mark(
              last ? Mark.Kind.SAMPLE : Mark.Kind.ARRIVAL,
              start + (end - start) * i / MARKS,
              micros + i * 1_000_000L / MARKS,
              last ? 0 : 1_000_000L / MARKS,
              "a".repeat(40)));
    }
    return marks;
  }

  /// As the archiver does each second.
  private void sayItIsArchived(long offset) throws IOException {
    Instant now = Instant.now();
    ArchiverStates.put(
        repository.store(),
        new ArchiverState(
            ArchiverState.FORMAT,
            CACHE,
            Shard.SOLE,
            "bench",
            now,
            /* stopped= */ false,
            base.endpoint(),
            /* linked= */ true,
            base.replid(),
            offset,
            now,
            base.replid(),
            offset,
            /* lagMillis= */ 0,
            /* spoolBytes= */ 0,
            /* droppedBytes= */ 0,
            ""));
  }
}
