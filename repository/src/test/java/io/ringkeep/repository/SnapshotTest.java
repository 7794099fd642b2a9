package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.Record;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Decision;
import io.ringkeep.repository.manifest.Ledger;
import io.ringkeep.repository.manifest.LedgerRecord;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.run.KeyEntry;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.ShardWriter;
import io.ringkeep.repository.run.WriteOptions;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotTest {
  private final Random random = Seeds.random("SnapshotTest");
  private final MemoryStore store = new MemoryStore();
  private Repository repository;

  @BeforeEach
  void makeRepository() throws IOException {
    repository = TestSnapshots.init(store, TestSnapshots.FAST);
  }

  @Test
  void commit_severalShards_isReadBackAfterReopening() throws IOException {
    List<Record> all = TestSnapshots.records(repository, random, 900, 200);
    SnapshotReference reference =
        TestSnapshots.backup(
            repository, List.of(all.subList(0, 300), all.subList(300, 900), List.of()));

    Repository reopened = TestSnapshots.open(store, TestSnapshots.FAST);
    Manifest manifest = reopened.snapshots(TestSnapshots.CACHE).resolve("latest");
    assertThat(manifest.id()).isEqualTo(reference.id());
    assertThat(manifest.records()).isEqualTo(900);
    assertThat(manifest.contents().expiring())
        .isEqualTo(all.stream().filter(Record::expires).count());
    assertThat(manifest.storedBytes()).isEqualTo(bytesOf("caches/orders/run/"));
    assertThat(TestSnapshots.read(reopened, manifest)).containsExactlyInAnyOrderElementsOf(all);
    assertThat(reopened.caches()).containsExactly(TestSnapshots.CACHE);
    assertThat(TestSnapshots.verify(reopened).findings()).isEmpty();
  }

  @Test
  void find_anyKey_isThatRecordOrNone() throws IOException {
    List<Record> all = TestSnapshots.records(repository, random, 500, 300);
    TestSnapshots.backup(repository, List.of(all));
    Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve("latest");
    for (Record record : all.subList(0, 100)) {
      assertThat(find(manifest, record.database(), record.key())).contains(record);
      assertThat(find(manifest, record.database() + 3, record.key())).isEmpty();
    }
  }

  private Optional<Record> find(Manifest manifest, int database, ByteBuffer key)
      throws IOException {
    try (KeyReader reader = new KeyReader(repository, database, key)) {
      Optional<RunDescriptor> run = reader.holder(manifest);
      if (run.isEmpty()) {
        return Optional.empty();
      }
      try (KeyEntry entry = reader.open(run.get())) {
        return Optional.of(entry.record().copy());
      }
    }
  }

  @Test
  void manifest_storedAndRead_isTheSame() throws IOException {
    Manifest written;
    try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "backup");
        SnapshotWriter writer =
            SnapshotWriter.begin(repository, TestSnapshots.CACHE, lease, TestSnapshots.TINY)) {
      TestSnapshots.capture(
          repository, writer, TestSnapshots.records(repository, random, 300, 100));
      written = TestSnapshots.manifest(writer);
      writer.commit(written);
    }
    assertThat(repository.snapshots(TestSnapshots.CACHE).all()).containsExactly(written);
    assertThat(written.contents().types())
        .isNotEmpty()
        .allMatch(count -> count.records() > 0 && count.type() < 26);
  }

  @Test
  void resolve_manyNames_findsOneOrSaysWhatThereIs() throws IOException {
    assertThatThrownBy(() -> repository.snapshots(TestSnapshots.CACHE).resolve("latest"))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("no snapshots");
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ids.add(TestSnapshots.backup(repository, List.of()).id());
    }
    for (String id : ids) {
      assertThat(repository.snapshots(TestSnapshots.CACHE).resolve(id).id()).isEqualTo(id);
      assertThat(repository.snapshots(TestSnapshots.CACHE).resolve(id.substring(0, 11)).id())
          .isEqualTo(id);
    }
    assertThat(repository.snapshots(TestSnapshots.CACHE).resolve("latest").id())
        .isEqualTo(ids.getLast());
    assertThatThrownBy(() -> repository.snapshots(TestSnapshots.CACHE).resolve("nothing"))
        .isInstanceOfSatisfying(
            NotFound.class,
            e ->
                assertThat(e.hint().orElseThrow())
                    .contains(ids.getLast())
                    .contains("and 12 older ones"));
    // Of twenty ids two begin with the same of sixteen digits.
    String shared =
        ids.stream()
            .map(id -> id.substring(0, 1))
            .filter(digit -> ids.stream().filter(id -> id.startsWith(digit)).count() > 1)
            .findFirst()
            .orElseThrow();
    assertThatThrownBy(() -> repository.snapshots(TestSnapshots.CACHE).resolve(shared))
        .isInstanceOf(InvalidRequest.class);
    assertThatThrownBy(() -> repository.snapshots(TestSnapshots.CACHE).resolve(""))
        .isInstanceOf(NotFound.class);
  }

  @Test
  void close_withoutCommit_leavesNothing() throws IOException {
    TestSnapshots.backup(repository, List.of(TestSnapshots.records(repository, random, 100, 50)));
    List<String> before = names("caches/orders/run/");
    try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "backup");
        SnapshotWriter writer =
            SnapshotWriter.begin(repository, TestSnapshots.CACHE, lease, TestSnapshots.TINY)) {
      TestSnapshots.capture(
          repository, writer, TestSnapshots.records(repository, random, 2000, 100));
      assertThat(names("caches/orders/run/")).hasSizeGreaterThan(before.size());
    }
    assertThat(names("caches/orders/run/")).isEqualTo(before);
    assertThat(repository.snapshots(TestSnapshots.CACHE).references()).hasSize(1);
  }

  @Test
  void commit_afterAShardWasGivenUp_holdsOnlyWhatWasFinished() throws IOException {
    List<Record> kept = TestSnapshots.records(repository, random, 3000, 100);
    try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "backup");
        SnapshotWriter writer =
            SnapshotWriter.begin(repository, TestSnapshots.CACHE, lease, TestSnapshots.TINY)) {
      try (ShardWriter torn = writer.shard()) {
        TestSnapshots.accept(repository, torn, kept.subList(0, 2500));
        while (names("caches/orders/run/").isEmpty()) {
          Thread.onSpinWait(); // The first run is being written.
        }
      }
      TestSnapshots.capture(repository, writer, kept);
      writer.commit(TestSnapshots.manifest(writer));
    }
    Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve("latest");
    assertThat(TestSnapshots.read(repository, manifest)).containsExactlyInAnyOrderElementsOf(kept);
    Verification.Report report = TestSnapshots.verify(repository);
    assertThat(report.findings()).isEmpty();
    assertThat(report.orphans()).isEmpty();
  }

  @Test
  void begin_afterADeadBackup_deletesWhatItLeftAndNothingElse() throws IOException {
    List<Record> records = TestSnapshots.records(repository, random, 500, 100);
    TestSnapshots.backup(repository, List.of(records));
    // Killed: neither the writer nor the lease was closed.
    Lease dead = repository.leases().acquire(TestSnapshots.CACHE, "backup");
    SnapshotWriter killed =
        SnapshotWriter.begin(repository, TestSnapshots.CACHE, dead, TestSnapshots.TINY);
    TestSnapshots.capture(repository, killed, records);
    dead.abandon();
    Verification.Report before = TestSnapshots.verify(repository);
    assertThat(before.whole()).isTrue();
    assertThat(before.orphans()).isNotEmpty();

    try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "backup");
        SnapshotWriter writer =
            SnapshotWriter.begin(repository, TestSnapshots.CACHE, lease, TestSnapshots.TINY)) {
      assertThat(writer.cleanup().objects()).isEqualTo(before.orphans().size());
      assertThat(writer.cleanup().bytes())
          .isEqualTo(before.orphans().stream().mapToLong(ObjectInfo::sizeBytes).sum());
      assertThat(writer.cleanup().refusal()).isEmpty();
      // From here on the dead one could not commit, should it only have been asleep.
      LedgerRecord last =
          new Ledger(store, repository.objects(), TestSnapshots.CACHE).read().getLast().record();
      assertThat(last.type()).isEqualTo(LedgerRecord.Type.FENCE);
      assertThat(last.epoch()).isEqualTo(lease.epoch());
    }
    Verification.Report after = TestSnapshots.verify(repository);
    assertThat(after.whole()).isTrue();
    assertThat(after.orphans()).isEmpty();
    assertThat(after.snapshots()).hasSize(1);
  }

  @Test
  void begin_aManifestIsDamaged_deletesNothingAndSaysWhy() throws IOException {
    SnapshotReference reference =
        TestSnapshots.backup(
            repository, List.of(TestSnapshots.records(repository, random, 100, 50)));
    String name = reference.manifest().name();
    ByteBuffer manifest = store.read(name);
    manifest.put(100, (byte) (manifest.get(100) ^ 1));
    store.put(name, manifest);
    List<String> before = names("caches/orders/run/");
    try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "backup");
        SnapshotWriter writer =
            SnapshotWriter.begin(repository, TestSnapshots.CACHE, lease, TestSnapshots.TINY)) {
      assertThat(writer.cleanup().objects()).isZero();
      assertThat(writer.cleanup().refusal())
          .hasValueSatisfying(why -> assertThat(why).contains(name));
    }
    assertThat(names("caches/orders/run/")).isEqualTo(before);
  }

  @Test
  void commit_aSuccessorHasFenced_isLockedAndLeavesNothing() throws IOException {
    Lease paused = repository.leases().acquire(TestSnapshots.CACHE, "backup");
    SnapshotWriter sleeper =
        SnapshotWriter.begin(repository, TestSnapshots.CACHE, paused, TestSnapshots.TINY);
    List<Record> records = TestSnapshots.records(repository, random, 200, 50);
    TestSnapshots.capture(repository, sleeper, records);
    // The ledger alone must stop a holder that has passed its last check of the lease.
    new Ledger(store, repository.objects(), TestSnapshots.CACHE)
        .append(paused.epoch() + 1, TestSnapshots.CLOCK.instant(), new Decision.Fence());
    assertThatThrownBy(() -> sleeper.commit(TestSnapshots.manifest(sleeper)))
        .isInstanceOf(Locked.class)
        .hasMessageContaining("someone else took over");
    sleeper.close();
    paused.close();
    assertThat(repository.snapshots(TestSnapshots.CACHE).references()).isEmpty();
    assertThat(names("caches/orders/run/")).isEmpty();
    assertThat(names("caches/orders/manifest/")).isEmpty();
  }

  @Test
  void append_manyAtOnce_areAllInOneChain() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Ledger.Entry>> appended = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        Instant time = Instant.ofEpochSecond(i);
        appended.add(
            executor.submit(() ->
                new Ledger(store, repository.objects(), TestSnapshots.CACHE)
                    .append(7, time, new Decision.Fence())));
      }
      for (Future<Ledger.Entry> entry : appended) {
        entry.get();
      }
    }
    List<Ledger.Entry> entries =
        new Ledger(store, repository.objects(), TestSnapshots.CACHE).read();
    assertThat(entries).hasSize(40);
    assertThat(entries.stream().map(entry -> entry.record().time()).distinct()).hasSize(40);
    assertThat(entries).allMatch(entry -> entry.record().type() == LedgerRecord.Type.FENCE);
  }

  @Test
  void append_answerLost_isNotAppendedTwice() throws IOException {
    WatchedStore forgetful =
        new WatchedStore(store) {
          @Override
          public ObjectUpload upload(String key) throws IOException {
            ObjectUpload upload = super.upload(key);
            return new ObjectUpload() {
              @Override
              public void write(ByteBuffer content) throws IOException {
                upload.write(content);
              }

              @Override
              public boolean commit() throws IOException {
                // As if the store had asked again on its own, after its first answer got lost.
                upload.commit();
                return false;
              }

              @Override
              public void close() throws IOException {
                upload.close();
              }
            };
          }
        };
    Repository reopened = TestSnapshots.open(forgetful, TestSnapshots.FAST);
    Ledger ledger = new Ledger(forgetful, reopened.objects(), TestSnapshots.CACHE);
    ledger.append(1, TestSnapshots.CLOCK.instant(), new Decision.Fence());
    ledger.append(1, TestSnapshots.CLOCK.instant().plusSeconds(1), new Decision.Fence());
    assertThat(new Ledger(store, repository.objects(), TestSnapshots.CACHE).read()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 9})
  void accept_diskFull_failsWithItsReasonAndLeavesNothing(int objectsThatFit) throws IOException {
    WatchedStore full = new FullStore(objectsThatFit);
    Repository reopened = TestSnapshots.open(full, TestSnapshots.FAST);
    List<Record> records = TestSnapshots.records(reopened, random, 3000, 300);
    try (Lease lease = reopened.leases().acquire(TestSnapshots.CACHE, "backup")) {
      assertThatThrownBy(() -> TestSnapshots.backup(reopened, lease, List.of(records)))
          .isInstanceOf(IOException.class)
          .hasMessage("No space left on device");
    }
    assertThat(names("caches/orders/run/")).isEmpty();
    assertThat(repository.snapshots(TestSnapshots.CACHE).references()).isEmpty();
  }

  @Test
  void shards_writtenAtOnceInLittleMemory_areAllThere() throws Exception {
    List<Record> all = TestSnapshots.records(repository, random, 12_000, 300);
    try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "backup");
        SnapshotWriter writer =
            SnapshotWriter.begin(
                repository, TestSnapshots.CACHE, lease, new WriteOptions(256 << 10, -1, 8192, 2));
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> shards = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        List<Record> part = all.subList(1000 * i, 1000 * (i + 1));
        shards.add(executor.submit(() -> TestSnapshots.capture(repository, writer, part)));
      }
      for (Future<?> shard : shards) {
        shard.get();
      }
      writer.commit(TestSnapshots.manifest(writer));
    }
    Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve("latest");
    assertThat(TestSnapshots.read(repository, manifest)).containsExactlyInAnyOrderElementsOf(all);
    assertThat(TestSnapshots.verify(repository).findings()).isEmpty();
  }

  @Test
  void read_anotherManifestOfTheSameName_isRefused() throws IOException {
    SnapshotReference reference = TestSnapshots.backup(repository, List.of());
    String name = reference.manifest().name();
    ByteBuffer content = repository.objects().read(name, ObjectKind.MANIFEST);
    store.delete(name);
    // Sealed again it is whole in itself, but not what was committed.
    repository.objects().write(name, ObjectKind.MANIFEST, content);
    assertThatThrownBy(() -> repository.snapshots(TestSnapshots.CACHE).resolve("latest"))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining(name);
    assertThat(TestSnapshots.verify(repository).findings())
        .hasSize(1)
        .allMatch(finding -> finding.object().equals(name));
  }

  @Test
  void read_anotherLedgerRecordOfTheSameName_breaksTheChain() throws IOException {
    TestSnapshots.backup(repository, List.of());
    TestSnapshots.backup(repository, List.of());
    String name = names("caches/orders/ledger/").get(1);
    ByteBuffer content = repository.objects().read(name, ObjectKind.LEDGER);
    store.delete(name);
    repository.objects().write(name, ObjectKind.LEDGER, content);
    String next = names("caches/orders/ledger/").get(2);
    assertThatThrownBy(() -> repository.snapshots(TestSnapshots.CACHE).references())
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("does not follow")
        .hasMessageContaining(next);
    assertThat(TestSnapshots.verify(repository).findings())
        .hasSize(1)
        .allMatch(finding -> finding.object().equals(next) && finding.snapshots().size() == 2);
  }

  @Test
  void open_runsThatDoNotGiveTheDigest_isRefused() throws IOException {
    TestSnapshots.backup(repository, List.of(TestSnapshots.records(repository, random, 100, 50)));
    Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve("latest");
    Manifest lessARun =
        new Manifest(
            manifest.format(),
            manifest.id(),
            manifest.cache(),
            manifest.time(),
            manifest.completed(),
            manifest.consistency(),
            manifest.topology(),
            manifest.origin(),
            manifest.added(),
            manifest.collapse(),
            manifest.contents(),
            manifest.digest(),
            manifest.shards(),
            manifest.runs().subList(1, manifest.runs().size()),
            manifest.servers(),
            manifest.warnings(),
            manifest.tool());
    assertThatThrownBy(() -> SnapshotReader.open(repository, lessARun, ReadOptions.standard()))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("digest");
  }

  private List<String> names(String directory) {
    return store.list(directory).stream().map(ObjectInfo::key).toList();
  }

  private long bytesOf(String directory) {
    return store.list(directory).stream().mapToLong(ObjectInfo::sizeBytes).sum();
  }

  /// Has room for so many run objects.
  private final class FullStore extends WatchedStore {
    private int left;

    FullStore(int left) {
      super(store);
      this.left = left;
    }

    @Override
    public synchronized ObjectUpload upload(String key) throws IOException {
      if (key.contains("/run/") && left-- <= 0) {
        throw new IOException("No space left on device");
      }
      return super.upload(key);
    }
  }
}
