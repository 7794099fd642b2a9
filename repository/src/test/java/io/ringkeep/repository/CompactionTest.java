package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Record;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.StoredObject;
import io.ringkeep.repository.run.TestRecords;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompactionTest {
  private final Random random = Seeds.random("CompactionTest");
  private final MemoryStore store = new MemoryStore();
  private Repository repository;
  private TestHistory history;

  @BeforeEach
  void init() throws IOException {
    repository = TestSnapshots.init(store, TestSnapshots.FAST);
    history = new TestHistory(repository, random);
  }

  private List<String> snapshots(int count) throws IOException {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      history.change(i == 0 ? 600 : 30);
      ids.add(i == 0 ? history.full() : history.incremental());
    }
    return ids;
  }

  private Manifest manifest(String id) throws IOException {
    return repository.snapshots(TestSnapshots.CACHE).resolve(id);
  }

  @Test
  void compact_snapshotOfManyRuns_hasOneRunWithTheSameRecordsAndNoTombstones() throws IOException {
    List<String> ids = snapshots(7);
    Manifest before = manifest(ids.getLast());
    assertThat(before.runs()).hasSizeGreaterThan(7).anyMatch(run -> run.tombstones() > 0);

    Compaction.Result result = history.compact(ids.getLast(), CompactionPlan.WHOLE).orElseThrow();

    Manifest after = manifest(ids.getLast());
    assertThat(after).isEqualTo(result.after());
    assertThat(after.runs()).hasSize(1).allMatch(run -> run.tombstones() == 0);
    assertThat(after.runs().getFirst().records()).isEqualTo(after.records());
    assertThat(after.withRuns(before.runs())).isEqualTo(before);
    // Also what no fingerprint covers: the records' heat and the version that wrote them.
    history.checkLive();
    assertThat(TestSnapshots.verify(repository).orphans()).isEmpty();
  }

  @Test
  void compact_newestRunsOnly_keepsTombstonesForWhatLiesBelow() throws IOException {
    List<String> ids = snapshots(6);
    Manifest before = manifest(ids.getLast());
    int kept = manifest(ids.getFirst()).runs().size();

    assertThat(history.compact(ids.getLast(), new CompactionPlan(kept))).isPresent();

    Manifest after = manifest(ids.getLast());
    assertThat(after.runs()).hasSize(kept + 1);
    assertThat(after.runs().subList(0, kept)).isEqualTo(before.runs().subList(0, kept));
    assertThat(after.runs().getLast().tombstones()).isPositive();
    history.checkLive();
  }

  @Test
  void compact_laterSnapshotsOnTheSameRuns_standOnTheNewOnes() throws IOException {
    List<String> ids = snapshots(5);

    Compaction.Result result = history.compact(ids.get(2), CompactionPlan.WHOLE).orElseThrow();

    assertThat(result.shared()).isEqualTo(ids.subList(3, 5));
    RunDescriptor merged = manifest(ids.get(2)).runs().getFirst();
    assertThat(manifest(ids.get(3)).runs()).hasSize(2).startsWith(merged);
    assertThat(manifest(ids.get(4)).runs()).hasSize(3).startsWith(merged);
    assertThat(manifest(ids.get(1)).runs()).doesNotContain(merged);
    history.checkLive();
  }

  @Test
  void compact_everythingWasDeleted_leavesNoRunAtAll() throws IOException {
    history.change(100);
    history.full();
    history.deleteAll();
    String id = history.incremental();

    assertThat(history.compact(id, CompactionPlan.WHOLE)).isPresent();

    assertThat(manifest(id).runs()).isEmpty();
    history.checkLive();
  }

  @Test
  void compact_oneRunAlready_changesNothing() throws IOException {
    history.change(50);
    String id = history.incremental();
    List<ObjectInfo> objects = store.list("caches/");

    assertThat(history.compact(id, CompactionPlan.WHOLE)).isEmpty();
    assertThat(history.compact(id, CompactionPlan.leaving(8, manifest(id)))).isEmpty();

    assertThat(store.list("caches/")).isEqualTo(objects);
  }

  @Test
  void compact_damagedRun_leavesTheSnapshotAsItWasAndNothingBehind() throws IOException {
    List<String> ids = snapshots(4);
    Manifest before = manifest(ids.getLast());
    List<ObjectInfo> objects = store.list("caches/");
    StoredObject victim = before.runs().get(1).objects().getFirst();
    store.delete(victim.name());

    assertThatThrownBy(() -> history.compact(ids.getLast(), CompactionPlan.WHOLE))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining(victim.name());

    assertThat(manifest(ids.getLast())).isEqualTo(before);
    assertThat(store.list("caches/").stream().map(ObjectInfo::key))
        .containsExactlyElementsOf(
            objects.stream()
                .map(ObjectInfo::key)
                .filter(key -> !key.equals(victim.name()))
                .toList());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void compact_recordsDifferWhenMergedOrReadBack_leavesTheSnapshotAsItWas(boolean readBack)
      throws IOException {
    List<String> ids = snapshots(3);
    Manifest before = manifest(ids.getLast());
    boolean[] proving = {false};
    int[] asked = {0};
    Compaction.Listener listener =
        new Compaction.Listener() {
          @Override
          public void merged(long bytes, long records) {}

          @Override
          public void proving() {
            proving[0] = true;
          }
        };

    try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "compact")) {
      assertThatThrownBy(() ->
              Compaction.run(
                  repository,
                  lease,
                  before,
                  CompactionPlan.WHOLE,
                  record ->
                      proving[0] == readBack && asked[0]++ == 7
                          ? other(record)
                          : TestRecords.fingerprint(record),
                  TestSnapshots.TINY,
                  listener))
          .isInstanceOf(CorruptData.class)
          .hasMessageContaining("not what the snapshot holds");
    }

    assertThat(proving[0]).isEqualTo(readBack);
    assertThat(manifest(ids.getLast())).isEqualTo(before);
    assertThat(TestSnapshots.verify(repository).orphans()).isEmpty();
  }

  private static Fingerprint other(Record record) {
    Fingerprint right = TestRecords.fingerprint(record);
    return new Fingerprint(right.high(), right.low() + 1);
  }
}
