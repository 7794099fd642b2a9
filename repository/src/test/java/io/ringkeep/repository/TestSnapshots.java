package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Record;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.repository.known.KnownFolder;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Consistency;
import io.ringkeep.repository.manifest.Contents;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ManifestShard;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.ServerSidecar;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.RecordCursor;
import io.ringkeep.repository.run.ShardContents;
import io.ringkeep.repository.run.ShardWriter;
import io.ringkeep.repository.run.TestRecords;
import io.ringkeep.repository.run.WriteOptions;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Small repositories and snapshots for tests.
final class TestSnapshots {
  static final String CACHE = "orders";
  static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-23T06:00:00Z"), ZoneOffset.UTC);
  static final InitOptions FAST = new InitOptions(Encryption.AES_256_GCM, 10);
  static final InitOptions OPEN = new InitOptions(Encryption.NONE, 10);

  /// Several runs of several objects each, even of few records.
  static final WriteOptions TINY = new WriteOptions(256 << 10, -1, 2048, 1);

  private TestSnapshots() {}

  static Optional<Passphrase> passphrase(InitOptions options) {
    return options.encryption() == Encryption.NONE
        ? Optional.empty()
        : Optional.of(Passphrase.of("correct horse"));
  }

  static Repository init(ObjectStore store, InitOptions options) throws IOException {
    return Repository.init(store, options, passphrase(options), CLOCK);
  }

  static Repository open(ObjectStore store, InitOptions options) throws IOException {
    return Repository.open(store, passphrase(options), CLOCK);
  }

  /// Records in no order, each key once.
  static List<Record> records(Repository repository, Random random, int count, int mostValueBytes) {
    return records(repository, random, "key:", count, mostValueBytes);
  }

  static List<Record> records(
      Repository repository, Random random, String prefix, int count, int mostValueBytes) {
    TestRecords records = new TestRecords(random, repository.hashKey());
    List<Record> made = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      made.add(records.of(i % 3, prefix + i, random.nextInt(mostValueBytes + 1)));
    }
    return made;
  }

  /// A backup from beginning to end, of several shards.
  static SnapshotReference backup(Repository repository, List<List<Record>> shards)
      throws IOException {
    try (Lease lease = repository.leases().acquire(CACHE, "backup")) {
      return backup(repository, lease, shards);
    }
  }

  static SnapshotReference backup(Repository repository, Lease lease, List<List<Record>> shards)
      throws IOException {
    try (SnapshotWriter writer = SnapshotWriter.begin(repository, CACHE, lease, TINY)) {
      for (List<Record> records : shards) {
        capture(repository, writer, records);
      }
      return writer.commit(manifest(writer));
    }
  }

  /// A backup of several shards that stores what changed since the latest snapshot, if there is one
  /// and `full` does not forbid it.
  static SnapshotReference backup(
      Repository repository,
      Lease lease,
      KnownFolder known,
      List<List<Record>> shards,
      boolean full,
      WriteOptions options)
      throws IOException {
    Optional<Manifest> before = repository.snapshots(CACHE).latest();
    Optional<SnapshotBase> base =
        full || before.isEmpty()
            ? Optional.empty()
            : Optional.of(
                SnapshotBase.open(repository, before.get(), known, TestRecords::fingerprint));
    try (SnapshotWriter writer = SnapshotWriter.begin(repository, CACHE, lease, options)) {
      base.ifPresent(writer::compareWith);
      writer.gatherKnown(known);
      for (List<Record> records : shards) {
        capture(repository, writer, records);
      }
      assertThat(writer.complete()).isEmpty();
      SnapshotReference committed = writer.commit(manifest(writer));
      writer.keepKnown(known);
      return committed;
    } finally {
      base.ifPresent(SnapshotBase::close);
    }
  }

  static ShardContents capture(Repository repository, SnapshotWriter writer, List<Record> records)
      throws IOException {
    try (ShardWriter shard = writer.shard()) {
      accept(repository, shard, records);
      return shard.finish();
    }
  }

  static void accept(Repository repository, ShardWriter shard, List<Record> records)
      throws IOException {
    TestRecords words = new TestRecords(new Random(0), repository.hashKey());
    for (Record record : records) {
      shard.accept(words.place(record).position(), TestRecords.fingerprint(record), record);
    }
  }

  static Manifest manifest(SnapshotWriter writer) {
    ShardContents all = writer.contents();
    SlotDigests digests = new SlotDigests();
    all.sums().addTo(digests);
    return manifest(writer, all.contents(), digests, all.runs());
  }

  static Manifest manifest(
      SnapshotWriter writer, Contents contents, SlotDigests digests, List<RunDescriptor> runs) {
    return new Manifest(
        Manifest.FORMAT,
        writer.id(),
        CACHE,
        writer.time(),
        writer.time().plusSeconds(9),
        Consistency.crashCut(250),
        "cluster",
        "psync",
        writer.added(),
        Optional.empty(),
        contents,
        digests.total().toString(),
        List.of(
            new ManifestShard(
                "0",
                "0-16383",
                "127.0.0.1:7001",
                Optional.empty(),
                "replica",
                "redis 7.0.15",
                "REDIS0010",
                "8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb",
                4711,
                writer.time(),
                writer.time().plusSeconds(9),
                contents)),
        runs,
        List.of(
            new ServerSidecar(
                "0",
                List.of("bGlicmFyeQ=="),
                List.of(),
                Map.of("maxmemory", "0"),
                List.of("user default on nopass ~* &* +@all"),
                List.of(),
                "")),
        List.of("read from the primary"),
        "0.1.0");
  }

  /// All records of a snapshot, in their order.
  static List<Record> read(Repository repository, Manifest manifest) throws IOException {
    List<Record> records = new ArrayList<>();
    try (SnapshotReader reader =
            SnapshotReader.open(repository, manifest, new ReadOptions(1 << 20, 2));
        RecordCursor cursor = reader.records(List.of(SlotRange.ALL))) {
      while (cursor.next()) {
        records.add(cursor.record().copy());
      }
    }
    return records;
  }

  /// How many records some slots hold.
  static long count(Repository repository, Manifest manifest, List<SlotRange> slots)
      throws IOException {
    long count = 0;
    try (SnapshotReader reader =
            SnapshotReader.open(repository, manifest, new ReadOptions(1 << 20, 2));
        RecordCursor cursor = reader.records(slots)) {
      while (cursor.next()) {
        count++;
      }
    }
    return count;
  }

  static Verification.Report verify(Repository repository) throws IOException {
    return Verification.ofCache(
        repository, CACHE, _ -> true, () -> TestRecords::fingerprint, (_, _) -> {});
  }
}
