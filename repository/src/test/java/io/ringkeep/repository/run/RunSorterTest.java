package io.ringkeep.repository.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Record;
import io.ringkeep.repository.Seeds;
import io.ringkeep.repository.run.TestRecords.Place;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RunSorterTest {
  private final Random random = Seeds.random("RunSorterTest");

  @Test
  void sort_positionsOfFourBits_isOrderedByDatabaseAndKeyWhereTheyCollide() {
    sortsLikeAModel(new TestRecords(random, 4), 40);
  }

  @Test
  void sort_recordsAcrossChunks_keepsEveryByte() {
    sortsLikeAModel(new TestRecords(random, 50), 9000);
  }

  private static void sortsLikeAModel(TestRecords records, int mostValueBytes) {
    try (ChunkPool pool = new ChunkPool(4 << 20)) {
      RunSorter sorter = new RunSorter(pool);
      TreeMap<Place, Record> model = new TreeMap<>();
      while (true) {
        Record record = records.any(Integer.MAX_VALUE, mostValueBytes);
        if (model.containsKey(records.place(record))) {
          continue;
        }
        if (!sorter.add(records.place(record).position(), record)) {
          break;
        }
        model.put(records.place(record), record);
      }
      assertThat(model).hasSizeGreaterThan(100);
      assertThat(sorter.entries()).isEqualTo(model.size());
      long[] order = sorter.sort(new long[0]);
      int i = 0;
      for (Map.Entry<Place, Record> expected : model.entrySet()) {
        long entry = sorter.address(order[i++]);
        Record record = expected.getValue();
        assertThat(sorter.position(entry)).isEqualTo(expected.getKey().position());
        assertThat(sorter.database(entry)).isEqualTo(record.database());
        assertThat(sorter.key(entry)).isEqualTo(record.key());
        assertThat(sorter.version(entry)).isEqualTo(record.version());
        ByteBuffer value = ByteBuffer.allocate(sorter.valueLength(entry));
        long at = sorter.body(entry) + sorter.headLength(entry);
        sorter.copy(at, value.capacity(), value, 0);
        assertThat(value).isEqualTo(record.value());
      }
      sorter.release();
    }
  }

  @Test
  void sort_tombstonesAmongRecords_standWhereTheirKeysBelong() {
    try (ChunkPool pool = new ChunkPool(1 << 20)) {
      RunSorter sorter = new RunSorter(pool);
      TestRecords records = new TestRecords(random, 50);
      TreeMap<Place, Boolean> model = new TreeMap<>();
      for (int i = 0; i < 100; i++) {
        Record record = records.of(i % 2, "k" + i, 10);
        boolean tombstone = random.nextBoolean();
        Place place = records.place(record);
        boolean added =
            tombstone
                ? sorter.addTombstone(place.position(), record.database(), record.key())
                : sorter.add(place.position(), record);
        assertThat(added).isTrue();
        model.put(place, tombstone);
      }
      long[] order = sorter.sort(new long[0]);
      List<Boolean> tombstones = new ArrayList<>();
      for (int i = 0; i < sorter.entries(); i++) {
        tombstones.add(sorter.isTombstone(sorter.address(order[i])));
      }
      assertThat(tombstones).containsExactlyElementsOf(model.values());
      sorter.release();
    }
  }

  @Test
  void sort_sameKeyTwice_isRefused() {
    try (ChunkPool pool = new ChunkPool(1 << 20)) {
      RunSorter sorter = new RunSorter(pool);
      TestRecords records = new TestRecords(random, 50);
      for (int i = 0; i < 100; i++) {
        Record record = records.of(7, "k" + i % 99, 10);
        assertThat(sorter.add(records.place(record).position(), record)).isTrue();
      }
      assertThatThrownBy(() -> sorter.sort(new long[0]))
          .isInstanceOf(CorruptData.class)
          .hasMessageContaining("same key came twice")
          .hasMessageContaining("database=7");
      sorter.release();
    }
  }

  @Test
  void add_shareUsedUp_isRefusedAndChangesNothing() {
    try (ChunkPool pool = new ChunkPool(256 << 10)) {
      RunSorter sorter = new RunSorter(pool);
      TestRecords records = new TestRecords(random, 50);
      int added = 0;
      while (sorter.add(added, records.of(0, "k" + added, 1000))) {
        added++;
      }
      assertThat(added).isBetween(50, 256);
      assertThat(sorter.entries()).isEqualTo(added);
      assertThat(sorter.sort(new long[0])).hasSize(added);
      sorter.release();
      assertThat(sorter.entries()).isZero();
      assertThat(sorter.add(1, records.of(0, "again", 1000))).isTrue();
      sorter.release();
    }
  }
}
