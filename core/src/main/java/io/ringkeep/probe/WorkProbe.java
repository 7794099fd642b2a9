package io.ringkeep.probe;

import io.ringkeep.capture.FullRead;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.redis.rdb.RdbWriter;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.repository.run.RunWriters;
import io.ringkeep.repository.run.ShardWriter;
import io.ringkeep.repository.run.WriteOptions;
import io.ringkeep.store.memory.MemoryStore;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.LongSupplier;

/// How long our own work takes on this host with records such as a cache's: a sample of them is
/// backed up in memory.
///
/// @param secondsPerMib of RDB, on one processor
public record WorkProbe(double secondsPerMib) {
  /*
   * A round is what a backup does with an RDB, by its own code: cut, fingerprint, partition and sort, compress, encrypt. Nothing
   * leaves the process. Each round has about as many bytes, or records if they are tiny: of a large sample only some records, of
   * a small one copies under other names. The fastest of many counts: in the first ones code is still compiled, which the formulas
   * have in what a start takes, and in others a neighbour has the processor.
   */
  private static final long ROUND_BYTES = 2 << 20;
  private static final int ROUND_RECORDS = 30_000;
  private static final int LEAST_ROUNDS = 3;
  private static final int ROUNDS = 24;
  private static final long LEAST_NANOS = 3_000_000_000L;
  private static final long MOST_NANOS = 8_000_000_000L;
  private static final Duration UNLIMITED = Duration.ofDays(1);
  private static final String DIRECTORY = Repository.directory("probe") + "run/";

  /// Nothing of a sample is kept, so any time will do; at this one no key has expired.
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  /// Works on a sample.
  ///
  /// @return empty if there is none, or none that an RDB of ours can hold
  public static Optional<WorkProbe> of(List<Record> sample, LongSupplier nanoTime)
      throws IOException {
    Optional<byte[]> rdb = rdb(sample);
    if (rdb.isEmpty()) {
      return Optional.empty();
    }
    long fastest = Long.MAX_VALUE;
    long begun = nanoTime.getAsLong();
    long passed = 0;
    // Where a round takes longer than all of them are to, the first has to do.
    for (int round = 0;
        passed < 2 * MOST_NANOS
            && (round < LEAST_ROUNDS
                || passed < LEAST_NANOS
                || (round < ROUNDS && passed < MOST_NANOS));
        round++) {
      fastest = Math.min(fastest, round(rdb.get(), nanoTime));
      passed = nanoTime.getAsLong() - begun;
    }
    return Optional.of(new WorkProbe(fastest / 1e9 * (1 << 20) / rdb.get().length));
  }

  private static long round(byte[] rdb, LongSupplier nanoTime) throws IOException {
    InitOptions options =
        new InitOptions(InitOptions.encrypted().encryption(), /* iterations= */ 1);
    Passphrase passphrase = Passphrase.of(UUID.randomUUID().toString());
    try (MemoryStore store = new MemoryStore();
        Repository repository = Repository.init(store, options, Optional.of(passphrase), CLOCK)) {
      long start = nanoTime.getAsLong();
      backUp(repository, rdb);
      return nanoTime.getAsLong() - start;
    }
  }

  private static void backUp(Repository repository, byte[] rdb) throws IOException {
    WriteOptions standard = WriteOptions.standard();
    WriteOptions options =
        new WriteOptions(
            4 * ROUND_BYTES, standard.compressionLevel(), standard.objectBytes(), /* threads= */ 1);
    Instant now = CLOCK.instant();
    try (RunWriters writers =
            new RunWriters(
                repository.objects(),
                DIRECTORY,
                "probe",
                now,
                options,
                () -> new RecordHasher(repository.hashKey()),
                _ -> {});
        ShardWriter shard = writers.shard();
        Progress.Task task = Progress.silent().begin("", OptionalLong.empty())) {
      FullRead.file(
          Channels.newChannel(new ByteArrayInputStream(rdb)),
          now,
          repository.hashKey(),
          Deadline.in(UNLIMITED, "probe"),
          CLOCK,
          task,
          shard::accept);
      shard.finish();
    }
  }

  /// An RDB of the sample, about as large as a round is.
  private static Optional<byte[]> rdb(List<Record> sample) throws IOException {
    if (sample.isEmpty() || !RdbWriter.writable(sample.getFirst().version())) {
      return Optional.empty();
    }
    RdbVersion version = sample.getFirst().version();
    List<Record> records =
        sample.stream()
            .filter(record -> RdbType.obstacle(record.version(), record.type(), version).isEmpty())
            .toList();
    long bytes = records.stream().mapToLong(KeySample::bytesOf).sum();
    if (bytes == 0) {
      return Optional.empty();
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    RdbWriter writer = new RdbWriter(Channels.newChannel(content), version);
    int step = (int) Math.max(1, Math.max(bytes / ROUND_BYTES, records.size() / ROUND_RECORDS));
    int written = 0;
    for (int copy = 0; writer.bytes() < ROUND_BYTES && written < ROUND_RECORDS; copy++) {
      for (int i = 0;
          i < records.size() && writer.bytes() < ROUND_BYTES && written < ROUND_RECORDS;
          i += step) {
        writer.record(copy == 0 ? records.get(i) : copyOf(records.get(i), copy));
        written++;
      }
    }
    writer.finish();
    return Optional.of(content.toByteArray());
  }

  /// The same under another name.
  private static Record copyOf(Record record, int number) {
    ByteBuffer key = ByteBuffer.allocate(record.key().remaining() + Integer.BYTES);
    key.put(record.key().duplicate()).putInt(number);
    return new Record(
        record.database(),
        key.flip(),
        record.expiryMillis(),
        record.heat(),
        record.type(),
        record.version(),
        record.value());
  }
}
