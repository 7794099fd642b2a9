package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.run.TestRecords;
import io.ringkeep.repository.run.WriteOptions;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every file that a snapshot needs, damaged in every way: verification names it, reading refuses
/// it.
class DamageTest {
  private static final boolean FULL = System.getProperty("ringkeep.proof", "").equals("full");

  private final Random random = Seeds.random("DamageTest");
  private final MemoryStore store = new MemoryStore();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void flippedByte_anywhere_isFoundAndRefused(boolean encrypted) throws IOException {
    InitOptions options = encrypted ? TestSnapshots.FAST : TestSnapshots.OPEN;
    Repository repository = makeSnapshots(options);
    int damaged = 0;
    for (String name : files()) {
      ByteBuffer whole = store.read(name);
      for (int at : positions(whole.capacity(), FULL ? whole.capacity() : 15)) {
        ByteBuffer flipped = copy(whole);
        flipped.put(at, (byte) (flipped.get(at) ^ (1 << random.nextInt(8))));
        store.put(name, flipped);
        assertFoundAndRefused(repository, options, name, "byte " + at);
        damaged++;
      }
      store.put(name, whole);
    }
    assertThat(damaged).isGreaterThan(200);
    assertThat(TestSnapshots.verify(repository).whole()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void truncation_anywhere_isFoundAndRefused(boolean encrypted) throws IOException {
    InitOptions options = encrypted ? TestSnapshots.FAST : TestSnapshots.OPEN;
    Repository repository = makeSnapshots(options);
    for (String name : files()) {
      ByteBuffer whole = store.read(name);
      for (int length : positions(whole.capacity(), FULL ? 200 : 15)) {
        store.put(name, copy(whole).limit(length));
        assertFoundAndRefused(repository, options, name, "cut to " + length);
      }
      ByteBuffer longer = ByteBuffer.allocate(whole.capacity() + 1).put(whole.duplicate());
      store.put(name, longer.clear());
      assertFoundAndRefused(repository, options, name, "one byte longer");
      store.put(name, whole);
    }
    assertThat(TestSnapshots.verify(repository).whole()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void missingOrAnothersFile_isFoundAndRefused(boolean encrypted) throws IOException {
    InitOptions options = encrypted ? TestSnapshots.FAST : TestSnapshots.OPEN;
    Repository repository = makeSnapshots(options);
    List<String> files = files();
    files.removeIf(name -> !name.startsWith("caches/"));
    // Without its last record a ledger looks as it did before that was written.
    String last = files.stream().filter(name -> name.contains("/ledger/")).toList().getLast();
    for (String name : files) {
      ByteBuffer whole = store.read(name);
      if (!name.equals(last)) {
        store.delete(name);
        assertFoundAndRefused(repository, options, name, "missing");
      }
      for (String other : files) {
        if (!other.equals(name) && random.nextInt(10) == 0) {
          store.put(name, store.read(other));
          assertFoundAndRefused(repository, options, name, "replaced by " + other);
        }
      }
      store.put(name, whole);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void damagedData_isNamedWithTheSlotsAndRecordsThatAreLost(boolean encrypted) throws IOException {
    InitOptions options = encrypted ? TestSnapshots.FAST : TestSnapshots.OPEN;
    Repository repository = TestSnapshots.init(store, options);
    List<Record> records = TestSnapshots.records(repository, random, 5000, 2000);
    SnapshotReference reference = backupInOneObject(repository, records);
    Manifest manifest = repository.snapshots(TestSnapshots.CACHE).read(reference);
    assertThat(manifest.runs()).hasSize(1);
    String name = manifest.runs().getFirst().objects().getFirst().name();

    ByteBuffer damaged = store.read(name);
    int at = damaged.capacity() / 2;
    damaged.put(at, (byte) (damaged.get(at) + 1));
    store.put(name, damaged);
    Verification.Report report = TestSnapshots.verify(repository);
    assertThat(report.findings()).hasSize(1);
    Verification.Finding finding = report.findings().getFirst();
    assertThat(finding.object()).isEqualTo(name);
    assertThat(finding.snapshots()).containsExactly(reference.id());
    // One segment of 64 KiB touches a handful of blocks of 64 KiB uncompressed.
    assertThat(finding.records()).isBetween(50L, 1000L);
    TestRecords words = new TestRecords(random, repository.hashKey());
    long inSlots =
        records.stream()
            .map(record -> Position.slot(words.place(record).position()))
            .filter(slot -> finding.slots().stream().anyMatch(range -> range.contains(slot)))
            .count();
    assertThat(inSlots).isBetween(finding.records(), finding.records() + 20);

    // Slots that are not lost can still be read.
    TreeSet<Integer> left = new TreeSet<>();
    for (int slot = 0; slot < 16384; slot++) {
      left.add(slot);
    }
    finding.slots().forEach(range -> left.subSet(range.first(), range.last() + 1).clear());
    assertThat(TestSnapshots.count(repository, manifest, SlotRange.covering(left)))
        .isEqualTo(records.size() - inSlots);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void damagedPieceOfALargeRecord_losesThatRecordAlone(int piece) throws IOException {
    Repository repository = TestSnapshots.init(store, TestSnapshots.OPEN);
    List<Record> records = new ArrayList<>(TestSnapshots.records(repository, random, 200, 50));
    Record large = new TestRecords(random, repository.hashKey()).of(0, "large", 5 << 20);
    records.add(large);
    SnapshotReference reference = backupInOneObject(repository, records);
    Manifest manifest = repository.snapshots(TestSnapshots.CACHE).read(reference);
    String name = manifest.runs().getFirst().objects().getFirst().name();
    ByteBuffer damaged = store.read(name);
    // Five pieces and a bit, in the midst of which the small records are nothing.
    int at = damaged.capacity() * (2 * piece + 1) / 10;
    damaged.put(at, (byte) (damaged.get(at) + 1));
    store.put(name, damaged);
    Verification.Report report = TestSnapshots.verify(repository);
    assertThat(report.findings()).hasSize(1);
    assertThat(report.findings().getFirst().records()).isEqualTo(1);
    int slot = Position.slot(new TestRecords(random, repository.hashKey()).place(large).position());
    assertThat(report.findings().getFirst().slots()).anyMatch(range -> range.contains(slot));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void valueThatCannotBeRead_isAFindingOfItsObject(boolean oneOnly) throws IOException {
    Repository repository = TestSnapshots.init(store, TestSnapshots.FAST);
    List<Record> records = TestSnapshots.records(repository, random, 300, 50);
    TestSnapshots.backup(repository, List.of(records));
    Verification.Report report =
        Verification.ofCache(
            repository,
            TestSnapshots.CACHE,
            _ -> true,
            () ->
                record -> {
                  if (!oneOnly || record.key().equals(TestRecords.bytes("key:7"))) {
                    throw new CorruptData("value cannot be walked", null, null);
                  }
                  return TestRecords.fingerprint(record);
                },
            (_, _) -> {});
    assertThat(report.whole()).isFalse();
    assertThat(report.findings().stream().mapToLong(Verification.Finding::records).sum())
        .isEqualTo(oneOnly ? 1 : 300);
    assertThat(report.findings())
        .allMatch(finding -> finding.reason().equals("value cannot be walked"));
  }

  private Repository makeSnapshots(InitOptions options) throws IOException {
    Repository repository = TestSnapshots.init(store, options);
    List<Record> records = TestSnapshots.records(repository, random, 120, 100);
    TestSnapshots.backup(repository, List.of(records));
    TestSnapshots.backup(repository, List.of(records.subList(0, 60), records.subList(60, 120)));
    assertThat(TestSnapshots.verify(repository).whole()).isTrue();
    return repository;
  }

  private static SnapshotReference backupInOneObject(Repository repository, List<Record> records)
      throws IOException {
    try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "backup");
        SnapshotWriter writer =
            SnapshotWriter.begin(
                repository,
                TestSnapshots.CACHE,
                lease,
                new WriteOptions(256 << 20, -1, 64 << 20, 1))) {
      TestSnapshots.capture(repository, writer, records);
      return writer.commit(TestSnapshots.manifest(writer));
    }
  }

  /// What a snapshot needs: all files but those for people and for leases.
  private List<String> files() {
    List<String> files = new ArrayList<>(store.list("").stream().map(ObjectInfo::key).toList());
    files.removeIf(name -> name.startsWith("control/") || name.equals("README.txt"));
    assertThat(files).hasSizeGreaterThan(10).anyMatch(name -> name.endsWith(".index"));
    return files;
  }

  /// First, last, and so many between; all of them if `count` is the length.
  private Set<Integer> positions(int length, int count) {
    TreeSet<Integer> positions = new TreeSet<>(List.of(0, 1, length / 2, length - 32, length - 1));
    for (int i = 0; i < count; i++) {
      positions.add(count == length ? i : random.nextInt(length));
    }
    return positions;
  }

  private void assertFoundAndRefused(
      Repository repository, InitOptions options, String name, String how) throws IOException {
    List<Verification.Finding> findings = new ArrayList<>(Verification.ofRepository(repository));
    findings.addAll(TestSnapshots.verify(repository).findings());
    assertThat(findings).as("%s %s", name, how).anyMatch(finding -> finding.object().equals(name));
    assertThatThrownBy(() -> readAll(options)).as("%s %s", name, how).hasMessageContaining(name);
  }

  private void readAll(InitOptions options) throws IOException {
    Repository repository = TestSnapshots.open(store, options);
    for (Manifest manifest : repository.snapshots(TestSnapshots.CACHE).all()) {
      TestSnapshots.read(repository, manifest);
    }
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.capacity()).put(bytes.duplicate().clear()).flip();
  }
}
