package io.ringkeep.repository.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.Seeds;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.known.Comparison;
import io.ringkeep.repository.known.KnownFile;
import io.ringkeep.repository.known.KnownFolder;
import io.ringkeep.repository.known.KnownLog;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.repository.run.TestRecords.Place;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Captures that are compared with the one before, where many keys share a position.
class ComparisonTest {
  private static final String DIRECTORY = "caches/c/run/";
  private static final int CAPTURES = 8;

  private final Random random = Seeds.random("ComparisonTest");
  private final SealedObjects objects =
      new SealedObjects(
          new MemoryStore(), "0".repeat(32), Encryption.NONE, Optional.empty(), random);
  @TempDir private Path folder;

  /// Runs so far, and what the newest capture's records are known by.
  private record State(List<RunDescriptor> runs, String snapshot, SlotDigests digests) {}

  @ParameterizedTest
  @CsvSource({
    // bits of hash, memory, keys, most bytes of a value
    "4, 262144, 1500, 200",
    "0, 67108864, 300, 50", // all keys of a slot share its position
    "50, 262144, 1500, 200", // several runs a capture
    "50, 262144, 60, 30000", // a record alone is a run
  })
  void captures_keysThatShareAPosition_areToldApart(int bits, long memory, int keys, int bytes)
      throws IOException {
    TestRecords records = new TestRecords(random, bits);
    NavigableMap<Place, Record> model = new TreeMap<>();
    State state = new State(List.of(), "", new SlotDigests());
    for (int capture = 0; capture < CAPTURES; capture++) {
      for (int i = random.nextInt(keys); i > 0; i--) {
        Record record = records.any(keys, bytes);
        if (random.nextInt(3) == 0) {
          model.remove(records.place(record));
        } else {
          model.put(records.place(record), record);
        }
      }
      state = capture(state, model, bits, new WriteOptions(memory, -1, 1 << 20, 2));
      assertThat(read(state, bits)).containsExactlyElementsOf(model.values());
    }
  }

  private State capture(
      State before, NavigableMap<Place, Record> model, int bits, WriteOptions options)
      throws IOException {
    KnownFolder known = new KnownFolder(folder, "0".repeat(32), "c");
    String snapshot = "%012x".formatted(random.nextLong(1L << 48));
    List<Map.Entry<Place, Record>> sent = new ArrayList<>(model.entrySet());
    Collections.shuffle(sent, random);
    SlotDigests digests = new SlotDigests();
    List<RunDescriptor> runs;
    try (RunWriters writers =
            new RunWriters(
                objects, DIRECTORY, snapshot, Instant.EPOCH, options, () -> hasher(bits), _ -> {});
        KnownLog log = known.begin(snapshot, List.of())) {
      writers.remember(log);
      if (before.snapshot.isEmpty()) {
        send(writers, sent, digests);
        runs = writers.finished().runs();
      } else {
        try (KnownFile file = known.open(before.snapshot, before.digests).orElseThrow();
            RunReaders readers =
                new RunReaders(objects, () -> hasher(bits), new ReadOptions(1 << 20, 2))) {
          writers.compareWith(Comparison.with(file));
          send(writers, sent, digests);
          writers.finishChanges(open(before.runs), readers);
          runs = writers.finished(before.runs).runs();
          SlotDigests expected = new SlotDigests();
          expected.add(before.digests);
          writers.changeSums().addTo(expected);
          assertThat(expected.differing(digests)).isEmpty();
          assertThat(writers.changed()).isLessThanOrEqualTo(model.size());
        }
      }
      known.finish(log, snapshot);
    }
    return new State(runs, snapshot, digests);
  }

  private void send(RunWriters writers, List<Map.Entry<Place, Record>> sent, SlotDigests digests)
      throws IOException {
    int half = sent.size() / 2;
    for (List<Map.Entry<Place, Record>> part :
        List.of(sent.subList(0, half), sent.subList(half, sent.size()))) {
      try (ShardWriter shard = writers.shard()) {
        for (Map.Entry<Place, Record> entry : part) {
          long position = entry.getKey().position();
          shard.accept(position, TestRecords.fingerprint(entry.getValue()), entry.getValue());
          digests.add(Position.slot(position), TestRecords.fingerprint(entry.getValue()));
        }
        shard.finish();
      }
    }
  }

  private static RecordHasher hasher(int bits) {
    return new RecordHasher(TestRecords.HASH_KEY, bits);
  }

  private List<StoredRun> open(List<RunDescriptor> runs) throws IOException {
    List<StoredRun> stored = new ArrayList<>();
    for (RunDescriptor run : runs) {
      stored.add(StoredRun.open(objects, run, new SlotSums()));
    }
    return stored;
  }

  private List<Record> read(State state, int bits) throws IOException {
    List<Record> records = new ArrayList<>();
    try (RunReaders readers =
            new RunReaders(objects, () -> hasher(bits), new ReadOptions(1 << 20, 2));
        RecordCursor cursor = RunMerge.ofSlots(open(state.runs), List.of(SlotRange.ALL), readers)) {
      while (cursor.next()) {
        records.add(cursor.record().copy());
      }
    }
    return records;
  }
}
