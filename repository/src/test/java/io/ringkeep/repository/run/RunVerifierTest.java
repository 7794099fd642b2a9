package io.ringkeep.repository.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.Seeds;
import io.ringkeep.repository.WatchedStore;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.repository.run.TestRecords.Place;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Runs that are whole, byte for byte, and wrong all the same: only a bug can write them.
class RunVerifierTest {
  private final Random random = Seeds.random("RunVerifierTest");
  private final TestRecords records = new TestRecords(random, 50);
  private final ObjectStore store = new MemoryStore();

  @Test
  void verify_wholeRun_findsNothing() throws IOException {
    NavigableMap<Place, Record> content = content(500);
    RunVerifier.Report report =
        verify(store, write(content.keySet(), content.values(), sums(content)));
    assertThat(report.findings()).isEmpty();
    assertThat(report.changes()).isNotNull();
  }

  @Test
  void verify_entriesOutOfOrder_areFound() throws IOException {
    // One block; its first entry is right, the others stand in reversed order.
    NavigableMap<Place, Record> content = content(200);
    List<Record> reversed = new ArrayList<>(content.descendingMap().values());
    reversed.addFirst(reversed.removeLast());
    RunDescriptor run = write(content.keySet(), reversed, sums(content));
    List<RunFinding> findings = verify(store, run).findings();
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().reason()).contains("out of order");
    assertThat(findings.getFirst().records()).isEqualTo(198);
  }

  @Test
  void verify_entriesAtOtherPositions_areFoundAndReadingRefusesTheirBlock() throws IOException {
    NavigableMap<Place, Record> content = content(200);
    List<Record> shifted = new ArrayList<>(content.values());
    shifted.addFirst(shifted.removeLast());
    RunDescriptor run = write(content.keySet(), shifted, sums(content));
    assertThat(verify(store, run).findings())
        .hasSize(1)
        .allMatch(finding -> finding.records() == 200)
        .allMatch(finding -> finding.reason().contains("another position than the index says"));
    assertThatThrownBy(() -> readAll(run))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("another position than the index says")
        .hasMessageContaining(run.objects().getFirst().name());
  }

  @Test
  void verify_otherDigestsThanTheRecordsGive_namesTheSlots() throws IOException {
    NavigableMap<Place, Record> content = content(500);
    RunSums sums = sums(content);
    int slot = Position.slot(content.firstKey().position());
    int other = Position.slot(content.lastKey().position());
    sums.changes().add(slot, new Fingerprint(0, 1));
    sums.remove(other, new Fingerprint(0, 1));
    RunDescriptor run = write(content.keySet(), content.values(), sums);
    List<RunFinding> findings = verify(store, run).findings();
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().object()).isEqualTo(run.index().name());
    assertThat(findings.getFirst().reason()).contains("slot digests differ");
    assertThat(findings.getFirst().slots())
        .containsExactly(new SlotRange(slot, slot), new SlotRange(other, other));
  }

  @Test
  void verify_otherRecordsThanThoseOfTheCapture_areFound() throws IOException {
    NavigableMap<Place, Record> content = content(500);
    RunSums sums = sums(content);
    sums.add(7, new Fingerprint(0, 1));
    RunDescriptor run = write(content.keySet(), content.values(), sums);
    assertThat(verify(store, run).findings())
        .anyMatch(finding -> finding.reason().contains("add up to another digest"));
  }

  @Test
  void verify_runThatReplacesOlderRecords_findsNothing() throws IOException {
    NavigableMap<Place, Record> content = content(500);
    RunSums sums = sums(content);
    sums.remove(Position.slot(content.firstKey().position()), new Fingerprint(3, 4));
    RunDescriptor run = write(content.keySet(), content.values(), sums);
    assertThat(verify(store, run).findings()).isEmpty();
  }

  @Test
  void verify_diskThatCannotReadAnObject_isDamageToThatObject() throws IOException {
    NavigableMap<Place, Record> content = content(500);
    RunDescriptor run = write(content.keySet(), content.values(), sums(content));
    String bad = run.objects().get(1).name();
    WatchedStore failing =
        new WatchedStore(store) {
          @Override
          public void read(String key, long offset, ByteBuffer into) throws IOException {
            if (key.equals(bad)) {
              throw new IOException("Input/output error");
            }
            super.read(key, offset, into);
          }
        };
    List<RunFinding> findings = verify(failing, run).findings();
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().object()).isEqualTo(bad);
    assertThat(findings.getFirst().reason()).contains("Input/output error");
    assertThat(findings.getFirst().records()).isBetween(1L, 499L);
  }

  @Test
  void verify_storeThatIsAway_isNoDamage() throws IOException {
    NavigableMap<Place, Record> content = content(500);
    RunDescriptor run = write(content.keySet(), content.values(), sums(content));
    WatchedStore away =
        new WatchedStore(store) {
          @Override
          public OptionalLong size(String key) throws IOException {
            throw new IOException("connection refused");
          }
        };
    assertThatThrownBy(() -> verify(away, run))
        .isInstanceOf(IOException.class)
        .hasMessage("connection refused");
  }

  private NavigableMap<Place, Record> content(int count) {
    NavigableMap<Place, Record> content = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      Record record = records.of(i % 3, "key:" + i, 200);
      content.put(records.place(record), record);
    }
    return content;
  }

  private static RunSums sums(Map<Place, Record> content) {
    RunSums sums = new RunSums();
    content.forEach((place, record) ->
        sums.add(Position.slot(place.position()), TestRecords.fingerprint(record)));
    return sums;
  }

  private SealedObjects objects(ObjectStore in) {
    return new SealedObjects(in, "0".repeat(32), Encryption.NONE, Optional.empty(), random);
  }

  /// Writes these records as if they stood in these places.
  private RunDescriptor write(Collection<Place> places, Collection<Record> content, RunSums sums)
      throws IOException {
    try (ChunkPool pool = new ChunkPool(4 << 20);
        RunWriter writer = new RunWriter(objects(store), -1, 4096, _ -> {})) {
      RunSorter sorter = new RunSorter(pool);
      Iterator<Place> place = places.iterator();
      for (Record record : content) {
        assertThat(sorter.add(place.next().position(), record)).isTrue();
      }
      return writer.write("caches/c/run/", "0a-0000", sorter, sums);
    }
  }

  private RunVerifier.Report verify(ObjectStore in, RunDescriptor run) throws IOException {
    try (RunVerifier verifier =
        new RunVerifier(
            objects(in),
            new RecordHasher(TestRecords.HASH_KEY),
            TestRecords::fingerprint,
            () -> in.size("REPOSITORY"))) {
      return verifier.verify(run);
    }
  }

  private void readAll(RunDescriptor run) throws IOException {
    try (RunReaders readers =
            new RunReaders(
                objects(store),
                () -> new RecordHasher(TestRecords.HASH_KEY),
                ReadOptions.standard());
        RunMerge merge =
            RunMerge.ofSlots(
                List.of(StoredRun.open(objects(store), run, new SlotSums())),
                List.of(SlotRange.ALL),
                readers)) {
      while (merge.next()) {
        merge.record();
      }
    }
  }
}
