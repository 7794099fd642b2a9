package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Record;
import io.ringkeep.repository.known.KnownFolder;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A backup that dies at each of its calls to the store, one after the other; at every other one or
/// so in a sample.
class CrashTest {
  private static final boolean FULL = System.getProperty("ringkeep.proof", "").equals("full");

  private final Random random = Seeds.random("CrashTest");
  @TempDir private Path folder;

  /// Whether the backup that dies stores everything or what changed.
  enum Kind {
    FULL,
    INCREMENTAL
  }

  @ParameterizedTest
  @CsvSource({"FULL,NOT_DONE", "FULL,DONE", "INCREMENTAL,NOT_DONE", "INCREMENTAL,DONE"})
  void backup_killedAtAnyCall_leavesTheRepositoryWholeAndTheNextOneCommits(
      Kind kind, FailingStore.LastCall lastCall) throws IOException {
    dieAtOneCallAfterTheOther(kind, lastCall, /* killed= */ true);
  }

  @ParameterizedTest
  @CsvSource({"FULL,NOT_DONE", "FULL,DONE", "INCREMENTAL,NOT_DONE", "INCREMENTAL,DONE"})
  void backup_oneCallFails_leavesTheRepositoryWholeAndTheNextOneCommits(
      Kind kind, FailingStore.LastCall lastCall) throws IOException {
    dieAtOneCallAfterTheOther(kind, lastCall, /* killed= */ false);
  }

  private void dieAtOneCallAfterTheOther(Kind kind, FailingStore.LastCall lastCall, boolean killed)
      throws IOException {
    int deaths = 0;
    int calls = 1;
    while (backUpAndDie(kind, calls, lastCall, killed)) {
      deaths++;
      calls += FULL ? 1 : random.nextInt(1, 4);
    }
    assertThat(calls).isGreaterThan(50);
    assertThat(deaths).isGreaterThan(15);
  }

  /// Backs up twice; the second time call number `calls` fails, and if the process is killed there,
  /// all later ones.
  ///
  /// @return false if the backup needs fewer calls
  private boolean backUpAndDie(Kind kind, int calls, FailingStore.LastCall lastCall, boolean killed)
      throws IOException {
    MemoryStore store = new MemoryStore();
    Repository repository = TestSnapshots.init(store, TestSnapshots.FAST);
    boolean full = kind == Kind.FULL;
    KnownFolder known = new KnownFolder(folder, repository.id(), TestSnapshots.CACHE);
    List<Record> first = TestSnapshots.records(repository, random, 60, 100);
    List<Record> second = new ArrayList<>(first.subList(5, 60));
    second.addAll(TestSnapshots.records(repository, random, "other:", 150, 100));
    String before = backup(repository, known, List.of(first), full).id();

    FailingStore failing = new FailingStore(store, calls, lastCall, killed);
    Optional<SnapshotReference> committed = Optional.empty();
    @Nullable Lease lease = null;
    try {
      Repository victim = TestSnapshots.open(failing, TestSnapshots.FAST);
      lease = victim.leases().acquire(TestSnapshots.CACHE, "backup");
      committed =
          Optional.of(
              TestSnapshots.backup(
                  victim, lease, known, List.of(second), full, TestSnapshots.TINY));
    } catch (IOException | BackupException e) {
      assertThat(failing.failed()).isTrue();
    }
    if (lease != null && killed) {
      lease.abandon();
    } else if (lease != null) {
      lease.close();
    }

    List<SnapshotReference> there = repository.snapshots(TestSnapshots.CACHE).references();
    assertThat(there.getFirst().id()).isEqualTo(before);
    assertThat(there).hasSizeBetween(1, 2);
    // What was reported is there; what was not reported may be.
    committed.ifPresent(reference -> assertThat(there).contains(reference));
    checkWhole(repository, first, there.size() == 2 ? second : null);

    List<Record> third = second.subList(10, 100);
    String next = backup(repository, known, List.of(third), full).id();
    Manifest latest = repository.snapshots(TestSnapshots.CACHE).resolve("latest");
    assertThat(latest.id()).isEqualTo(next);
    assertThat(TestSnapshots.read(repository, latest)).containsExactlyInAnyOrderElementsOf(third);
    Verification.Report after = TestSnapshots.verify(repository);
    assertThat(after.findings()).isEmpty();
    assertThat(after.snapshots()).hasSize(there.size() + 1);
    assertThat(after.orphans()).isEmpty();
    return failing.failed();
  }

  private static void checkWhole(
      Repository repository, List<Record> first, @Nullable List<Record> second) throws IOException {
    Verification.Report report = TestSnapshots.verify(repository);
    assertThat(report.findings()).isEmpty();
    assertThat(TestSnapshots.read(repository, report.snapshots().getFirst()))
        .containsExactlyInAnyOrderElementsOf(first);
    if (second != null) {
      assertThat(TestSnapshots.read(repository, report.snapshots().get(1)))
          .containsExactlyInAnyOrderElementsOf(second);
    }
  }

  private static SnapshotReference backup(
      Repository repository, KnownFolder known, List<List<Record>> shards, boolean full)
      throws IOException {
    try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "backup")) {
      return TestSnapshots.backup(repository, lease, known, shards, full, TestSnapshots.TINY);
    }
  }

  @Test
  void commit_ledgerCannotBeReadAfterAFailure_deletesNothing() throws IOException {
    MemoryStore store = new MemoryStore();
    Repository repository = TestSnapshots.init(store, TestSnapshots.FAST);
    List<Record> records = TestSnapshots.records(repository, random, 60, 100);
    // The record is appended, the answer is lost, and so is the connection.
    WatchedStore cut =
        new WatchedStore(store) {
          private boolean gone;

          @Override
          public ObjectUpload upload(String key) throws IOException {
            if (gone) {
              throw new IOException("connection lost");
            }
            ObjectUpload upload = super.upload(key);
            boolean last = key.endsWith("/ledger/0000000000000002.json");
            return new ForwardingUpload(upload) {
              @Override
              public boolean commit() throws IOException {
                boolean committed = super.commit();
                if (last) {
                  gone = true;
                  throw new IOException("connection lost");
                }
                return committed;
              }
            };
          }

          @Override
          public List<ObjectInfo> list(String directory) throws IOException {
            if (gone) {
              throw new IOException("connection lost");
            }
            return super.list(directory);
          }
        };
    Repository reopened = TestSnapshots.open(cut, TestSnapshots.FAST);
    try (Lease lease = reopened.leases().acquire(TestSnapshots.CACHE, "backup")) {
      assertThatThrownBy(() -> TestSnapshots.backup(reopened, lease, List.of(records)))
          .isInstanceOf(IOException.class)
          .hasMessage("connection lost");
    }
    Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve("latest");
    assertThat(TestSnapshots.read(repository, manifest))
        .containsExactlyInAnyOrderElementsOf(records);
  }
}
