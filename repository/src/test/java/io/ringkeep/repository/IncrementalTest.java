package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.repository.known.KnownFolder;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Added;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.manifest.TypeCount;
import io.ringkeep.repository.object.StoredObject;
import io.ringkeep.repository.run.TestRecords;
import io.ringkeep.repository.run.TestRecords.Place;
import io.ringkeep.repository.run.WriteOptions;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Snapshots that store what changed: each of them stays what it was when it was taken.
class IncrementalTest {
  private static final boolean FULL = "full".equals(System.getProperty("ringkeep.proof"));
  private static final int WORKLOADS = FULL ? 40 : 3;
  private static final int BACKUPS = 12;

  /// Several runs and objects, but not thousands of them.
  private static final WriteOptions SMALL = new WriteOptions(256 << 10, -1, 64 << 10, 1);

  private final Random random = Seeds.random("IncrementalTest");
  private final MemoryStore store = new MemoryStore();
  @TempDir private Path folder;

  /// What a snapshot must hold.
  private record Taken(Manifest manifest, List<Record> records) {}

  @Test
  void backups_ofRandomWorkloads_allRestoreToWhatTheyWereTakenOf() throws IOException {
    for (int workload = 0; workload < WORKLOADS; workload++) {
      MemoryStore own = new MemoryStore();
      try (Repository repository = TestSnapshots.init(own, TestSnapshots.FAST)) {
        run(repository, random.nextInt(1, 3000));
      }
    }
  }

  private void run(Repository repository, int keys) throws IOException {
    TestRecords records = new TestRecords(random, repository.hashKey());
    NavigableMap<Place, Record> model = new TreeMap<>();
    List<Taken> taken = new ArrayList<>();
    for (int backup = 0; backup < BACKUPS; backup++) {
      change(model, records, keys);
      if (random.nextInt(6) == 0) {
        forgetWhatIsKnown();
      }
      boolean full = random.nextInt(8) == 0;
      Manifest manifest = backup(repository, model.values(), full);
      assertThat(manifest.records()).isEqualTo(model.size());
      assertThat(manifest.contents().types())
          .isEqualTo(types(TestSnapshots.read(repository, manifest)));
      taken.add(new Taken(manifest, List.copyOf(model.values())));
    }
    assertThat(TestSnapshots.verify(repository).findings()).isEmpty();
    for (Taken snapshot : taken) {
      assertThat(meanings(TestSnapshots.read(repository, snapshot.manifest)))
          .isEqualTo(meanings(snapshot.records));
    }
    assertThat(taken)
        .anyMatch(snapshot -> snapshot.manifest.added().kind() == Added.Kind.INCREMENTAL);
  }

  private void change(NavigableMap<Place, Record> model, TestRecords records, int keys) {
    if (random.nextInt(7) == 0) {
      int flushed = random.nextInt(3);
      model.keySet().removeIf(place -> place.database() == flushed);
    }
    if (random.nextInt(12) == 0) {
      model.clear();
    }
    for (int i = random.nextInt(4) == 0 ? 0 : random.nextInt(keys + 1); i > 0; i--) {
      Record record = records.any(keys, random.nextInt(100) == 0 ? 100_000 : 60);
      Place place = records.place(record);
      if (random.nextInt(4) == 0) {
        model.remove(place);
      } else {
        model.put(place, record);
      }
    }
  }

  /// Servers send the same values in other encodings and with other heat; that is no change.
  private List<Record> asSentNow(Collection<Record> records) {
    List<Record> sent = new ArrayList<>();
    for (Record record : records) {
      sent.add(
          new Record(
              record.database(),
              record.key(),
              record.expiryMillis(),
              random.nextBoolean() ? record.heat() : new Heat.Idle(random.nextInt(9)),
              record.type(),
              random.nextInt(3) == 0 ? RdbVersion.redis(11) : record.version(),
              record.value()));
    }
    Collections.shuffle(sent, random);
    return sent;
  }

  private Manifest backup(Repository repository, Collection<Record> records, boolean full)
      throws IOException {
    List<Record> sent = asSentNow(records);
    int shards = random.nextInt(1, 4);
    List<List<Record>> parts = new ArrayList<>();
    for (int i = 0; i < shards; i++) {
      parts.add(sent.subList(i * sent.size() / shards, (i + 1) * sent.size() / shards));
    }
    return backup(repository, parts, full, SMALL);
  }

  private Manifest backup(
      Repository repository, List<List<Record>> shards, boolean full, WriteOptions options)
      throws IOException {
    try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "backup")) {
      SnapshotReference committed =
          TestSnapshots.backup(repository, lease, known(repository), shards, full, options);
      return repository.snapshots(TestSnapshots.CACHE).read(committed);
    }
  }

  private KnownFolder known(Repository repository) {
    return new KnownFolder(folder, repository.id(), TestSnapshots.CACHE);
  }

  private void forgetWhatIsKnown() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  private static List<TypeCount> types(List<Record> records) {
    Map<TypeCount, Long> counts = new HashMap<>();
    for (Record record : records) {
      counts.merge(
          new TypeCount(record.version().magic(), record.type(), record.database(), 0),
          1L,
          Long::sum);
    }
    return counts.entrySet().stream()
        .map(entry ->
            new TypeCount(
                entry.getKey().version(),
                entry.getKey().type(),
                entry.getKey().database(),
                entry.getValue()))
        .sorted(
            Comparator.comparing(TypeCount::version)
                .thenComparingInt(TypeCount::database)
                .thenComparingInt(TypeCount::type))
        .toList();
  }

  /// Records without what is no part of their meaning.
  private static List<String> meanings(List<Record> records) {
    return records.stream()
        .map(record -> "%s %s".formatted(record.key(), TestRecords.fingerprint(record)))
        .toList();
  }

  @Test
  void backup_nothingChanged_writesNoRun() throws IOException {
    try (Repository repository = TestSnapshots.init(store, TestSnapshots.FAST)) {
      List<Record> records = TestSnapshots.records(repository, random, 2000, 100);
      Manifest full = backup(repository, records, /* full= */ false);
      Manifest again = backup(repository, records, /* full= */ false);
      assertThat(full.added().kind()).isEqualTo(Added.Kind.FULL);
      assertThat(again.added())
          .isEqualTo(new Added(Added.Kind.INCREMENTAL, Optional.of(full.id()), 0, 0, 0));
      assertThat(again.runs()).isEqualTo(full.runs());
      assertThat(again.digest()).isEqualTo(full.digest());
    }
  }

  @Test
  void backup_fewChangesInManyShards_addOneRun() throws IOException {
    try (Repository repository = TestSnapshots.init(store, TestSnapshots.FAST)) {
      List<Record> records = TestSnapshots.records(repository, random, 2000, 100);
      Manifest full = backup(repository, records, /* full= */ false);
      List<Record> changed = new ArrayList<>(records.subList(100, 2000));
      changed.addAll(TestSnapshots.records(repository, random, "new:", 50, 100));
      Manifest again =
          backup(
              repository,
              List.of(changed.subList(0, 500), changed.subList(500, 1950)),
              /* full= */ false,
              WriteOptions.standard());
      assertThat(again.added().changed()).isEqualTo(50);
      assertThat(again.added().removed()).isEqualTo(100);
      assertThat(again.runs())
          .hasSize(full.runs().size() + 1)
          .startsWith(full.runs().toArray(RunDescriptor[]::new));
      assertThat(again.added().storedBytes()).isEqualTo(again.runs().getLast().storedBytes());
    }
  }

  @Test
  void open_baseThatLacksAnObject_isRefusedByName() throws IOException {
    try (Repository repository = TestSnapshots.init(store, TestSnapshots.FAST)) {
      Manifest full =
          backup(repository, TestSnapshots.records(repository, random, 500, 100), false);
      String lost = full.runs().getFirst().objects().getFirst().name();
      store.delete(lost);
      assertThatThrownBy(() ->
              SnapshotBase.open(repository, full, known(repository), TestRecords::fingerprint))
          .isInstanceOf(CorruptData.class)
          .hasMessageContaining(lost);
    }
  }

  @Test
  void complete_keyOfTheBaseCannotBeRead_saysSoAndAFullOneCanFollow() throws IOException {
    try (Repository repository = TestSnapshots.init(store, TestSnapshots.FAST)) {
      List<Record> records = TestSnapshots.records(repository, random, 500, 100);
      Manifest full = backup(repository, records, false);
      KnownFolder known = known(repository);
      try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "backup");
          SnapshotBase base = SnapshotBase.open(repository, full, known, TestRecords::fingerprint);
          SnapshotWriter writer =
              SnapshotWriter.begin(repository, TestSnapshots.CACHE, lease, TestSnapshots.TINY)) {
        writer.compareWith(base);
        List<Record> left = records.subList(0, 10);
        TestSnapshots.capture(repository, writer, left);
        flipAByteOfEachObject(full);
        assertThat(writer.complete()).isPresent();
        writer.startOverInFull();
        TestSnapshots.capture(repository, writer, left);
        assertThat(writer.complete()).isEmpty();
        SnapshotReference committed = writer.commit(TestSnapshots.manifest(writer));
        Manifest manifest = repository.snapshots(TestSnapshots.CACHE).read(committed);
        assertThat(manifest.added().kind()).isEqualTo(Added.Kind.FULL);
        assertThat(meanings(TestSnapshots.read(repository, manifest)))
            .hasSameElementsAs(meanings(left));
      }
    }
  }

  private void flipAByteOfEachObject(Manifest manifest) throws IOException {
    for (RunDescriptor run : manifest.runs()) {
      for (StoredObject object : run.objects()) {
        ByteBuffer bytes = store.read(object.name());
        byte[] content = new byte[bytes.remaining()];
        bytes.get(content);
        content[content.length / 2] ^= 1;
        store.put(object.name(), ByteBuffer.wrap(content));
      }
    }
  }

  @Test
  void begin_afterwards_deletesNoRunThatAnotherSnapshotNeeds() throws IOException {
    try (Repository repository = TestSnapshots.init(store, TestSnapshots.FAST)) {
      List<Record> records = TestSnapshots.records(repository, random, 500, 100);
      backup(repository, records, false);
      backup(repository, records.subList(0, 400), false);
      backup(repository, records.subList(0, 300), false);
      try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "backup");
          SnapshotWriter writer =
              SnapshotWriter.begin(repository, TestSnapshots.CACHE, lease, TestSnapshots.TINY)) {
        assertThat(writer.cleanup().objects()).isZero();
      }
      assertThat(TestSnapshots.verify(repository).findings()).isEmpty();
    }
  }

  @Test
  void complete_sameKeyTwice_isRefused() throws IOException {
    try (Repository repository = TestSnapshots.init(store, TestSnapshots.FAST)) {
      List<Record> records = TestSnapshots.records(repository, random, 50, 100);
      backup(repository, records, false);
      assertThatThrownBy(() ->
              backup(
                  repository, List.of(records, records.subList(0, 1)), false, TestSnapshots.TINY))
          .isInstanceOf(CorruptData.class)
          .hasMessageContaining("twice");
    }
  }
}
