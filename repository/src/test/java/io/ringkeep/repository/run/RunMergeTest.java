package io.ringkeep.repository.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.Seeds;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.repository.run.TestRecords.Place;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunMergeTest {
  private static final String DIRECTORY = "caches/c/run/";

  private final Random random = Seeds.random("RunMergeTest");
  private final ObjectStore store = new MemoryStore();
  private final SealedObjects objects =
      new SealedObjects(store, "0".repeat(32), Encryption.NONE, Optional.empty(), random);

  @ParameterizedTest
  @CsvSource({
    // budget, object, records, most value bytes, hash bits
    "262144, 4096, 5000, 60, 50", // many runs, many objects
    "262144, 16777216, 3000, 200, 3", // colliding positions across block borders
    "1048576, 65536, 400, 20000, 50", // few records in a block
    "67108864, 16777216, 60, 300000, 50", // one record in a block
  })
  void records_anyShape_comeBackInOrderAsTheyWere(
      long budget, long objectBytes, int count, int mostValueBytes, int hashBits)
      throws IOException {
    TestRecords records = new TestRecords(random, hashBits);
    TreeMap<Place, Record> model = new TreeMap<>();
    while (model.size() < count) {
      Record record = records.any(Integer.MAX_VALUE, mostValueBytes);
      model.put(records.place(record), record);
    }
    ShardContents written = write(model, new WriteOptions(budget, -1, objectBytes, 2));
    assertThat(written.contents().records()).isEqualTo(count);
    readsLike(model, written.runs(), hashBits, List.of(SlotRange.ALL));

    SlotDigests digests = new SlotDigests();
    model.forEach((place, record) ->
        digests.add(Position.slot(place.position()), TestRecords.fingerprint(record)));
    SlotSums stored = new SlotSums();
    for (RunDescriptor run : written.runs()) {
      StoredRun.open(objects, run, stored);
    }
    SlotDigests read = new SlotDigests();
    stored.addTo(read);
    assertThat(digests.differing(read)).isEmpty();
  }

  @Test
  void records_largerThanPieceAndThanMemory_comeBackAsTheyWere() throws IOException {
    TestRecords records = new TestRecords(random, 50);
    TreeMap<Place, Record> model = new TreeMap<>();
    int piece = RunFormat.PIECE_BYTES;
    int[] lengths = {piece - 40, piece - 1, piece, piece + 1, 3 * piece, 9 * piece + 12345};
    for (int length : lengths) {
      add(model, records, records.of(1, "large:" + length, length));
    }
    // A key that does not end in the first piece, and one that ends a value's piece exactly.
    add(model, records, records.of(2, "k".repeat(piece + piece / 2), 17));
    add(model, records, records.of(2, "k".repeat(2 * piece), 2 * piece));
    for (int i = 0; i < 1000; i++) {
      add(model, records, records.of(0, "small:" + i, 100));
    }
    // 8 MiB, so that a record of nine pieces is written without it.
    ShardContents written = write(model, new WriteOptions(8 << 20, -1, 2 << 20, 2));
    assertThat(written.contents().largestValueBytes()).isEqualTo(9L * piece + 12345);
    assertThat(written.runs()).anyMatch(run -> run.records() == 1 && run.bytes() > 9L * piece);
    readsLike(model, written.runs(), 50, List.of(SlotRange.ALL));
    for (int i = 0; i < 20; i++) {
      int slot = random.nextInt(Slot.COUNT);
      readsLike(model, written.runs(), 50, List.of(new SlotRange(slot, Slot.COUNT - 1)));
    }
  }

  @Test
  void records_someSlots_areThoseAndNoOthers() throws IOException {
    TestRecords records = new TestRecords(random, 50);
    TreeMap<Place, Record> model = new TreeMap<>();
    while (model.size() < 20_000) {
      Record record = records.any(Integer.MAX_VALUE, 50);
      model.put(records.place(record), record);
    }
    List<RunDescriptor> runs = write(model, new WriteOptions(1 << 20, -1, 8192, 2)).runs();
    for (int round = 0; round < 50; round++) {
      List<SlotRange> slots = new ArrayList<>();
      for (int i = random.nextInt(8); i >= 0; i--) {
        int first = random.nextInt(Slot.COUNT);
        slots.add(new SlotRange(first, random.nextInt(first, Slot.COUNT)));
        if (random.nextBoolean()) {
          slots.set(i < slots.size() ? i : 0, new SlotRange(first, first));
        }
      }
      readsLike(model, runs, 50, slots);
    }
    readsLike(model, runs, 50, List.of());
  }

  @ParameterizedTest
  @CsvSource({"50, 400", "50, 10000", "2, 400", "0, 200"})
  void records_newerRunsAndTombstones_hideWhatIsOlder(int hashBits, int keys) throws IOException {
    TestRecords records = new TestRecords(random, hashBits);
    TreeMap<Place, Record> model = new TreeMap<>();
    List<RunDescriptor> runs = new ArrayList<>();
    for (int generation = 0; generation < 9; generation++) {
      runs.add(writeGeneration(generation, keys, records, model));
      readsLike(model, runs, hashBits, List.of(SlotRange.ALL));
    }
    assertThat(runs).anyMatch(run -> run.tombstones() > 0);
    readsLike(model, runs, hashBits, List.of(new SlotRange(3000, 9000)));
    looksUpLike(model, runs, records, hashBits, keys);
  }

  /// One run of records and tombstones, which also happens to the model.
  private RunDescriptor writeGeneration(
      int generation, int keys, TestRecords records, NavigableMap<Place, Record> model)
      throws IOException {
    TreeMap<Place, Record> changed = new TreeMap<>();
    TreeMap<Place, Record> gone = new TreeMap<>();
    for (int i = random.nextInt(1, keys); i > 0; i--) {
      Record record = records.any(keys, random.nextInt(50) == 0 ? 70_000 : 40);
      Place place = records.place(record);
      boolean dies = random.nextInt(3) == 0;
      (dies ? gone : changed).put(place, record);
      (dies ? changed : gone).remove(place);
    }
    model.putAll(changed);
    gone.keySet().forEach(model::remove);
    try (ChunkPool pool = new ChunkPool(512 << 20);
        RunWriter writer = new RunWriter(objects, -1, 8192, _ -> {})) {
      RunSorter sorter = new RunSorter(pool);
      changed.forEach((place, record) -> assertThat(sorter.add(place.position(), record)).isTrue());
      gone.forEach((place, record) ->
          assertThat(sorter.addTombstone(place.position(), record.database(), record.key()))
              .isTrue());
      return writer.write(DIRECTORY, "generation-" + generation, sorter, new RunSums());
    }
  }

  private ShardContents write(NavigableMap<Place, Record> model, WriteOptions options)
      throws IOException {
    List<Map.Entry<Place, Record>> shuffled = new ArrayList<>(model.entrySet());
    Collections.shuffle(shuffled, random);
    try (RunWriters writers =
            new RunWriters(
                objects,
                DIRECTORY,
                "0a",
                Instant.EPOCH,
                options,
                () -> new RecordHasher(TestRecords.HASH_KEY),
                _ -> {});
        ShardWriter shard = writers.shard()) {
      for (Map.Entry<Place, Record> entry : shuffled) {
        shard.accept(
            entry.getKey().position(), TestRecords.fingerprint(entry.getValue()), entry.getValue());
      }
      return shard.finish();
    }
  }

  private RunReaders readers(int hashBits) {
    return new RunReaders(
        objects,
        () -> new RecordHasher(TestRecords.HASH_KEY, hashBits),
        new ReadOptions(1 << 20, 2));
  }

  private List<StoredRun> open(List<RunDescriptor> runs) throws IOException {
    List<StoredRun> stored = new ArrayList<>();
    for (RunDescriptor run : runs) {
      stored.add(StoredRun.open(objects, run, new SlotSums()));
    }
    return stored;
  }

  private void readsLike(
      NavigableMap<Place, Record> model,
      List<RunDescriptor> runs,
      int hashBits,
      Collection<SlotRange> slots)
      throws IOException {
    try (RunReaders readers = readers(hashBits);
        RecordCursor cursor = RunMerge.ofSlots(open(runs), slots, readers)) {
      for (Map.Entry<Place, Record> expected : model.entrySet()) {
        int slot = Position.slot(expected.getKey().position());
        if (slots.stream().noneMatch(range -> range.contains(slot))) {
          continue;
        }
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.position()).isEqualTo(expected.getKey().position());
        assertThat(cursor.record()).isEqualTo(expected.getValue());
      }
      assertThat(cursor.next()).isFalse();
      assertThat(cursor.next()).isFalse();
    }
  }

  private void looksUpLike(
      NavigableMap<Place, Record> model,
      List<RunDescriptor> runs,
      TestRecords records,
      int hashBits,
      int keys)
      throws IOException {
    List<StoredRun> stored = open(runs);
    try (RunReaders readers = readers(hashBits)) {
      for (int i = 0; i < 200; i++) {
        Record asked = records.any(keys + 10, 1);
        Place place = records.place(asked);
        assertThat(newest(stored, place.position(), asked, readers))
            .isEqualTo(Optional.ofNullable(model.get(place)));
      }
    }
  }

  private static Optional<Record> newest(
      List<StoredRun> stored, long position, Record asked, RunReaders readers) throws IOException {
    for (StoredRun run : stored.reversed()) {
      try (KeyEntry entry = KeyEntry.find(run, position, asked.database(), asked.key(), readers)) {
        switch (entry.state()) {
          case ABSENT -> {}
          case GONE -> {
            return Optional.empty();
          }
          case PRESENT -> {
            return Optional.of(entry.record().copy());
          }
        }
      }
    }
    return Optional.empty();
  }

  private static void add(NavigableMap<Place, Record> model, TestRecords records, Record record) {
    model.put(records.place(record), record);
  }
}
