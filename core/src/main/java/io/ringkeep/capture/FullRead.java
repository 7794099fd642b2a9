package io.ringkeep.capture;

import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.Bytes;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Position;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.rdb.RdbItem;
import io.ringkeep.redis.rdb.RdbReader;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.redis.replication.PsyncReply;
import io.ringkeep.redis.replication.ReplicaLink;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import io.ringkeep.task.RateLimit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// One full sync of one server, record by record.
///
/// The server forks once. Nothing is acknowledged, so the link never counts as a replica for
/// `WAIT`.
public final class FullRead {
  private static final int PROGRESS_RECORDS = 4096;

  /// Takes the records of a dataset in the order in which they come.
  public interface Consumer {
    /// One record with its position and fingerprint; the record's buffers hold until this returns.
    void accept(long position, Fingerprint fingerprint, Record record) throws IOException;
  }

  /// What was read, beside the records.
  ///
  /// @param replid history that the dataset belongs to
  /// @param offset bytes of that history which the dataset contains
  /// @param started when the sync was asked for
  /// @param forked when the server named the offset: the moment that the dataset shows
  /// @param ended when the last byte had been read
  /// @param version RDB version that the server wrote
  /// @param aux fields such as `redis-ver` and `used-mem`
  /// @param functions source code of function libraries
  /// @param moduleAux data that modules keep beside keys, as RDB bytes by module name
  /// @param arriving slots on their way to the server as a whole, whose keys were left out
  /// @param records number of records
  /// @param bytes size of the RDB
  public record Dataset(
      String replid,
      long offset,
      Instant started,
      Instant forked,
      Instant ended,
      RdbVersion version,
      Map<String, String> aux,
      List<byte[]> functions,
      Map<String, byte[]> moduleAux,
      List<SlotRange> arriving,
      long records,
      long bytes) {}

  private FullRead() {}

  /// Reads `endpoint` to the end.
  ///
  /// @throws io.ringkeep.model.BackupException if the server refuses, goes away, or sends damaged
  ///   bytes
  /// @throws IOException if the consumer fails
  public static Dataset run(
      Endpoint endpoint,
      ConnectionOptions options,
      HashKey hashKey,
      RateLimit limit,
      Deadline deadline,
      Clock clock,
      Progress.Task task,
      Consumer consumer)
      throws IOException {
    Instant started = clock.instant();
    task.phase("waiting for the server's fork");
    try (ReplicaLink link = ReplicaLink.open(endpoint, options, ReplicaLink.Options.SNAPSHOT)) {
      PsyncReply.FullResync sync = link.fullResync(deadline.left());
      Instant forked = clock.instant();
      task.phase("reading");
      try (ReadableByteChannel rdb = limit.limit(link.rdb())) {
        return read(rdb, hashKey, deadline, task, consumer)
            .at(sync, started, forked, clock.instant());
      }
    }
  }

  /// Reads an RDB that was saved at `saved`; its history stands in its own fields, if anywhere.
  ///
  /// @throws io.ringkeep.model.BackupException if it is damaged or not known
  /// @throws IOException if the consumer or the file fails
  public static Dataset file(
      ReadableByteChannel rdb,
      Instant saved,
      HashKey hashKey,
      Deadline deadline,
      Clock clock,
      Progress.Task task,
      Consumer consumer)
      throws IOException {
    task.phase("reading");
    Items items = read(rdb, hashKey, deadline, task, consumer);
    PsyncReply.FullResync none = new PsyncReply.FullResync("", 0);
    return items.at(none, saved, saved, clock.instant());
  }

  /// Reads an RDB from `rdb` to its end.
  private static Items read(
      ReadableByteChannel rdb,
      HashKey hashKey,
      Deadline deadline,
      Progress.Task task,
      Consumer consumer)
      throws IOException {
    RecordHasher hasher = new RecordHasher(hashKey);
    RecordFingerprinter fingerprinter = new RecordFingerprinter(hashKey);
    try (RdbReader reader = new RdbReader(rdb)) {
      Items items = new Items(reader.version());
      long reportedBytes = 0;
      long reportedRecords = 0;
      while (true) {
        switch (reader.next()) {
          case RdbItem.Entry(Record record) -> {
            long position = hasher.position(record.database(), record.key());
            if (items.arriving.contains(Position.slot(position))) {
              continue;
            }
            consumer.accept(position, fingerprinter.fingerprint(record), record);
            if (++items.records - reportedRecords == PROGRESS_RECORDS) {
              deadline.check();
              task.advance(reader.offset() - reportedBytes, PROGRESS_RECORDS);
              reportedBytes = reader.offset();
              reportedRecords = items.records;
            }
          }
          case RdbItem.Aux aux -> items.aux(aux.name(), text(aux.value()));
          case RdbItem.FunctionLibrary library -> items.functions.add(Bytes.of(library.code()));
          case RdbItem.ModuleAux module ->
              items.moduleAux.put(module.module(), Bytes.of(module.raw()));
          case RdbItem.SlotImport arriving -> arriving.slots().forEach(items::arriving);
          case RdbItem.SlotInfo ignored -> {}
          case RdbItem.ResizeHint ignored -> {}
          case RdbItem.End end -> {
            task.advance(end.bytes() - reportedBytes, items.records - reportedRecords);
            items.bytes = end.bytes();
            return items;
          }
        }
      }
    }
  }

  private static String text(ByteBuffer value) {
    return StandardCharsets.UTF_8.decode(value.duplicate()).toString();
  }

  /// An RDB's content beside its records.
  private static final class Items {
    /// What Redis 8.4 says of slots that move as a whole: `id:source:target:operation:state:slots`,
    /// the slots such as `0-10 20-20`, the operation `import` where they are on their way into the
    /// server. Source: `asmTaskSerialize` in `cluster_asm.c`; no such server was at hand.
    private static final String TASK = "cluster-asm-task";

    private static final int TASK_OPERATION = 3;
    private static final int TASK_SLOTS = 5;
    private static final String TASK_RANGES = "[0-9]{1,5}-[0-9]{1,5}( [0-9]{1,5}-[0-9]{1,5})*";

    final RdbVersion version;
    final Map<String, String> aux = new TreeMap<>();
    final List<byte[]> functions = new ArrayList<>();
    final Map<String, byte[]> moduleAux = new TreeMap<>();

    /// Slots on their way into the server; until they have arrived, their owner has their keys.
    final Set<Integer> arriving = new HashSet<>();

    long records;
    long bytes;

    Items(RdbVersion version) {
      this.version = version;
    }

    void aux(String name, String value) {
      aux.put(name, value);
      if (name.equals(TASK) && !value.isEmpty()) {
        String[] parts = value.split(":", -1);
        if (parts.length <= TASK_SLOTS || !parts[TASK_SLOTS].matches(TASK_RANGES)) {
          throw new UnsupportedFormat(
              "a slot migration is told in an unknown way: %s=%s".formatted(name, value),
              "wait until it has ended");
        }
        if (parts[TASK_OPERATION].equals("import")) {
          for (String range : parts[TASK_SLOTS].split(" ", -1)) {
            arriving(SlotRange.parse(range));
          }
        }
      }
    }

    void arriving(SlotRange slots) {
      for (int slot = slots.first(); slot <= slots.last(); slot++) {
        arriving.add(slot);
      }
    }

    Dataset at(PsyncReply.FullResync sync, Instant started, Instant forked, Instant ended) {
      return new Dataset(
          sync.replid(),
          sync.offset(),
          started,
          forked,
          ended,
          version,
          aux,
          functions,
          moduleAux,
          SlotRange.covering(arriving.stream().sorted().toList()),
          records,
          bytes);
    }
  }
}
