package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Contents;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.run.TestRecords;
import io.ringkeep.repository.run.TestRecords.Place;
import io.ringkeep.repository.run.TestRuns;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/// A cache that changes, its full and incremental snapshots, and what each of them holds.
final class TestHistory {
  private static final int KEYS = 300;

  static final Compaction.Listener QUIET =
      new Compaction.Listener() {
        @Override
        public void merged(long bytes, long records) {}

        @Override
        public void proving() {}
      };

  private final Repository repository;
  private final Random random;
  private final TestRecords records;
  private final TreeMap<Place, Record> cache = new TreeMap<>();

  /// What each snapshot that was ever committed holds, by id.
  private final Map<String, List<Record>> held = new LinkedHashMap<>();

  // As of the snapshot before.
  private Map<Place, Record> base = Map.of();
  private Optional<String> latest = Optional.empty();

  TestHistory(Repository repository, Random random) {
    this.repository = repository;
    this.random = random;
    records = new TestRecords(random, repository.hashKey());
  }

  /// Writes and deletes keys of the cache.
  void change(int steps) {
    for (int i = 0; i < steps; i++) {
      Record record = records.any(KEYS, random.nextInt(40) == 0 ? 70_000 : 60);
      if (random.nextInt(3) == 0) {
        cache.remove(records.place(record));
      } else {
        cache.put(records.place(record), record);
      }
    }
  }

  /// Deletes every key of the cache.
  void deleteAll() {
    cache.clear();
  }

  /// Takes a snapshot of all, in three shards.
  String full() throws IOException {
    List<List<Record>> shards = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    cache.forEach((place, record) ->
        shards.get((int) (Position.slot(place.position()) * 3L / 16_384)).add(record));
    return taken(TestSnapshots.backup(repository, shards).id());
  }

  /// Takes a snapshot of what has changed since the one before; of all if there is none.
  String incremental() throws IOException {
    try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "backup")) {
      return incremental(repository, lease);
    }
  }

  String incremental(Repository through, Lease lease) throws IOException {
    SnapshotCatalog catalog = through.snapshots(TestSnapshots.CACHE);
    List<RunDescriptor> runs = new ArrayList<>();
    try (SnapshotWriter writer =
        SnapshotWriter.begin(through, TestSnapshots.CACHE, lease, TestSnapshots.TINY)) {
      if (latest.isPresent()) {
        runs.addAll(catalog.resolve(latest.get()).runs());
      }
      Map<Place, Optional<Record>> changes = new HashMap<>();
      cache.forEach((place, record) -> {
        if (!record.equals(base.get(place))) {
          changes.put(place, Optional.of(record));
        }
      });
      base.keySet().stream()
          .filter(place -> !cache.containsKey(place))
          .forEach(place -> changes.put(place, Optional.empty()));
      if (!changes.isEmpty()) {
        runs.add(
            TestRuns.write(
                through.objects(),
                SnapshotObjects.runDirectory(TestSnapshots.CACHE),
                writer.id() + "-0000",
                base,
                changes));
      }
      return taken(writer.commit(manifest(writer, runs)).id());
    }
  }

  private Manifest manifest(SnapshotWriter writer, List<RunDescriptor> runs) {
    SlotDigests digests = new SlotDigests();
    cache.forEach((place, record) ->
        digests.add(Position.slot(place.position()), TestRecords.fingerprint(record)));
    long bytes = cache.values().stream().mapToLong(record -> record.value().remaining()).sum();
    Contents contents = new Contents(cache.size(), bytes, 0, List.of(), 0, 0, List.of());
    return TestSnapshots.manifest(writer, contents, digests, runs).withRuns(runs);
  }

  private String taken(String id) {
    base = new TreeMap<>(cache);
    latest = Optional.of(id);
    held.put(id, List.copyOf(cache.values()));
    return id;
  }

  /// Ids of all snapshots that were ever committed.
  List<String> everTaken() {
    return List.copyOf(held.keySet());
  }

  /// Takes note that the snapshot that the next incremental would stand on is no more.
  void forgotten(List<String> ids) throws IOException {
    if (latest.isPresent() && ids.contains(latest.get())) {
      List<SnapshotReference> left = repository.snapshots(TestSnapshots.CACHE).references();
      latest = left.isEmpty() ? Optional.empty() : Optional.of(left.getLast().id());
      base = new TreeMap<>();
      latest.ifPresent(id ->
          held.getOrDefault(id, List.of())
              .forEach(record -> base.put(records.place(record), record)));
    }
  }

  /// Compacts a snapshot.
  Optional<Compaction.Result> compact(String id, CompactionPlan plan) throws IOException {
    try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "compact")) {
      return compact(repository, lease, id, plan);
    }
  }

  static Optional<Compaction.Result> compact(
      Repository through, Lease lease, String id, CompactionPlan plan) throws IOException {
    return Compaction.run(
        through,
        lease,
        through.snapshots(TestSnapshots.CACHE).resolve(id),
        plan,
        TestRecords::fingerprint,
        TestSnapshots.TINY,
        TestHistory.QUIET);
  }

  /// Reads every live snapshot, and compares it with what it held when it was taken.
  void checkLive() throws IOException {
    checkLive(repository);
  }

  void checkLive(Repository through) throws IOException {
    for (Manifest manifest : through.snapshots(TestSnapshots.CACHE).all()) {
      List<Record> expected = held.getOrDefault(manifest.id(), List.of());
      assertThat(TestSnapshots.read(through, manifest)).as(manifest.id()).isEqualTo(expected);
      assertThat(manifest.records()).isEqualTo(expected.size());
    }
  }

  /// Ids of the snapshots that exist.
  List<String> live() throws IOException {
    return repository.snapshots(TestSnapshots.CACHE).references().stream()
        .map(SnapshotReference::id)
        .toList();
  }
}
