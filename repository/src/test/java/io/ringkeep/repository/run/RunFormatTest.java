package io.ringkeep.repository.run;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Heat;
import io.ringkeep.model.Position;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotDigest;
import io.ringkeep.repository.Seeds;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.repository.run.TestRecords.Place;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The bytes of blocks and indexes, as `docs/format/run.md` has them.
class RunFormatTest {
  private static final BlockPlace PLACE = new BlockPlace("caches/c/run/0a-0000-0000.data", 0, 0);
  private static final String RUN = "0a-0000";

  private final Random random = Seeds.random("RunFormatTest");

  /// A block as it was given to the sink.
  private record Stored(long position, int entries, ByteBuffer bytes) {}

  @Test
  void block_records_areTheBodyOfAnRdbFileAndATable() throws IOException {
    List<Stored> blocks = new ArrayList<>();
    try (BlockWriter writer = new BlockWriter(3)) {
      writer.begin(RUN, (position, entries, bytes) -> blocks.add(stored(position, entries, bytes)));
      put(writer, 11, record(0, "first", -1, Heat.UNKNOWN, 0, RdbVersion.redis(11), "\3abc"));
      writer.tombstone(12, 300, TestRecords.bytes("gone"));
      put(
          writer,
          13,
          record(2, "k", 0x0102030405L, new Heat.Idle(70), 4, RdbVersion.valkey(80), "vvvvv"));
      put(writer, 14, record(2, "l", -1, new Heat.Frequency(200), 4, RdbVersion.valkey(80), "w"));
      writer.flush();
    }
    assertThat(blocks).hasSize(1);
    assertThat(blocks.getFirst().position()).isEqualTo(11);
    assertThat(blocks.getFirst().entries()).isEqualTo(4);

    String payload =
        "\u00fa\u0010ringkeep-version\tREDIS0011\u00fe\0"
            + "\0\u0005first\3abc"
            + "\u00fa\u0010ringkeep-version\tVALKEY080\u00fe\2"
            + "\u00fc\5\4\3\2\1\0\0\0\u00f8@F\4\1kvvvvv"
            + "\u00f9\u00c8\4\1lw";
    String table = "\3\4\5\1" + "\1" + "\1\u00ac\2\4gone";
    ByteBuffer block = blocks.getFirst().bytes();
    byte[] body =
        Zstd.decompress(
            HexFormat.of().parseHex(hex(block, 32, block.remaining() - 32)),
            payload.length() + table.length());
    assertThat(new String(body, ISO_8859_1)).isEqualTo(payload + table);
    assertThat(block.getInt(0)).isEqualTo(block.remaining() - 32);
    assertThat(block.getInt(4)).isEqualTo(payload.length());
    assertThat(block.getInt(8)).isEqualTo(table.length());
    assertThat(block.getInt(12)).isEqualTo(4);
    assertThat(hex(block, 16, 4)).isEqualTo("01000000");
    assertThat(block.getInt(24)).isZero();
  }

  @Test
  void block_anyBitFlippedOrCut_isRefusedOrMeansTheSame() throws IOException {
    List<Stored> blocks = new ArrayList<>();
    TestRecords records = new TestRecords(random, 50);
    TreeMap<Place, Record> sorted = new TreeMap<>();
    for (int i = 0; i < 20; i++) {
      Record record = records.of(i % 2, "key" + i, 20);
      sorted.put(records.place(record), record);
    }
    try (BlockWriter writer = new BlockWriter(-1)) {
      writer.begin(RUN, (position, entries, bytes) -> blocks.add(stored(position, entries, bytes)));
      for (Map.Entry<Place, Record> entry : sorted.entrySet()) {
        put(writer, entry.getKey().position(), entry.getValue());
      }
      writer.flush();
    }
    ByteBuffer whole = blocks.getFirst().bytes();
    int length = whole.remaining();
    try (BlockReader reader = new BlockReader(new RecordHasher(TestRecords.HASH_KEY));
        DecodedBlock into = new DecodedBlock()) {
      assertThat(reader.open(whole, 0, length, RUN, 20, PLACE, into)).isTrue();
      assertThat(into.entries()).isEqualTo(20);
      int harmless = 0;
      for (int bit = 0; bit < 8 * length; bit++) {
        ByteBuffer damaged = direct(whole);
        damaged.put(bit / 8, (byte) (damaged.get(bit / 8) ^ (1 << bit % 8)));
        try {
          reader.open(damaged, 0, length, RUN, 20, PLACE, into);
          // Some bits of a zstd frame mean nothing.
          assertThat(records(into)).isEqualTo(List.copyOf(sorted.values()));
          harmless++;
        } catch (CorruptData e) {
          assertThat(e).hasMessageContaining(PLACE.object());
        }
      }
      assertThat(harmless).isLessThan(8 * length / 20);
      for (int cut = 0; cut < length; cut++) {
        assertRefused(reader, whole, cut, RUN, 20, into);
      }
      assertRefused(reader, whole, length, "0a-0001", 20, into);
      assertRefused(reader, whole, length, RUN, 19, into);
    }
  }

  private static List<Record> records(DecodedBlock block) {
    List<Record> records = new ArrayList<>();
    for (int i = 0; i < block.entries(); i++) {
      records.add(block.record(i).copy());
    }
    return records;
  }

  private static void assertRefused(
      BlockReader reader, ByteBuffer stored, int end, String run, int entries, DecodedBlock into) {
    assertThatThrownBy(() -> reader.open(stored, 0, end, run, entries, PLACE, into))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining(PLACE.object());
  }

  @Test
  void block_checksummedNonsense_isRefusedAsSuch() {
    try (BlockReader reader = new BlockReader(new RecordHasher(TestRecords.HASH_KEY));
        DecodedBlock into = new DecodedBlock()) {
      for (int round = 0; round < 20_000; round++) {
        byte[] body = new byte[random.nextInt(60)];
        random.nextBytes(body);
        if (body.length > 5 && random.nextBoolean()) {
          body[0] = (byte) 0xfe; // A database, and then?
          body[1] = 0;
        }
        ByteBuffer stored =
            ByteBuffer.allocateDirect(32 + body.length).order(ByteOrder.LITTLE_ENDIAN);
        stored.put(32, body);
        int payload = random.nextInt(body.length + 1);
        new BlockHeader(
                body.length,
                payload,
                body.length - payload,
                2,
                BlockHeader.PLAIN,
                random.nextBoolean(),
                RunFormat.crc32c(stored, 32, 32 + body.length),
                0)
            .put(stored, 0, RUN);
        boolean parsed;
        try {
          parsed = reader.open(stored, 0, 32 + body.length, RUN, 2, PLACE, into);
        } catch (CorruptData e) {
          continue;
        }
        // What does parse lies within the block.
        for (int entry = 0; parsed && entry < into.entries(); entry++) {
          assertThat(into.key(entry).limit()).isLessThanOrEqualTo(body.length);
        }
      }
    }
  }

  @Test
  void index_writtenAndRead_isTheSameAndNothingShorterIs() {
    SlotSums sums = new SlotSums();
    for (int i = 0; i < 500; i++) {
      sums.add(random.nextInt(Slot.COUNT), new Fingerprint(random.nextLong(), random.nextLong()));
    }
    sums.add(77, -3, 1, 2);
    RunIndex index =
        new RunIndex(
            900,
            100,
            12345,
            Position.last(16383),
            new SlotDigest(900, 12, 34),
            new int[] {0, 2, 3},
            new long[] {5, 1000, Position.first(9000)},
            new int[] {500, 40, 1 << 20},
            new int[] {600, 0, 400});
    ByteBuffer stored = index.encode(sums);
    SlotSums readSums = new SlotSums();
    RunIndex read = RunIndex.decode(stored.duplicate(), "x", readSums);
    assertThat(read.encode(readSums)).isEqualTo(stored);
    for (int slot = 0; slot < Slot.COUNT; slot++) {
      assertThat(readSums.get(slot)).isEqualTo(sums.get(slot));
    }
    assertThat(read.object(0)).isZero();
    assertThat(read.object(1)).isZero();
    assertThat(read.object(2)).isEqualTo(1);
    assertThat(read.offset(1)).isEqualTo(500);
    assertThat(read.offset(2)).isZero();
    assertThat(read.continued(0)).isTrue();
    assertThat(read.seek(0)).isZero();
    assertThat(read.seek(1001)).isZero(); // Block 1 continues a record of block 0.
    assertThat(read.seek(Position.last(9000))).isEqualTo(2);

    RunIndex places = RunIndex.decodePlaces(stored.duplicate(), "x");
    for (long position : new long[] {0, 5, 6, 1000, 1001, Position.last(9000), -1}) {
      assertThat(places.seek(position)).isEqualTo(read.seek(position));
    }
    int untilSums = 64 + 2 * Integer.BYTES + 3 * 16;
    for (int cut = 0; cut < untilSums; cut++) {
      ByteBuffer shorter = stored.slice(0, cut);
      assertThatThrownBy(() -> RunIndex.decodePlaces(shorter, "objects/x"))
          .isInstanceOf(CorruptData.class);
    }

    for (int cut = 0; cut < stored.remaining(); cut++) {
      ByteBuffer shorter = stored.slice(0, cut);
      assertThatThrownBy(() -> RunIndex.decode(shorter, "objects/x", new SlotSums()))
          .isInstanceOf(CorruptData.class)
          .hasMessageContaining("objects/x");
    }
    assertThat(read.recordSum()).isEqualTo(new SlotDigest(900, 12, 34));
    stored.putShort(4, (short) 3);
    assertThatThrownBy(() -> RunIndex.decode(stored, "x", new SlotSums()))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessageContaining("format=3");
  }

  @Test
  void smallRun_storesLittleBesideItsRecords() throws IOException {
    // What a run of few changes may cost beside them: 5 bytes a record and 128 KiB.
    for (int count : new int[] {0, 100, 5_000, 25_000, 60_000}) {
      TestRecords records = new TestRecords(random, 50);
      SealedObjects objects =
          new SealedObjects(
              new MemoryStore(), "0".repeat(32), Encryption.NONE, Optional.empty(), random);
      try (ChunkPool pool = new ChunkPool(512 << 20);
          RunWriter writer = new RunWriter(objects, -1, 16 << 20, _ -> {})) {
        RunSorter sorter = new RunSorter(pool);
        RunSums sums = new RunSums();
        TreeMap<Place, Record> sorted = new TreeMap<>();
        for (int i = 0; i < count; i++) {
          Record record =
              record(
                  0,
                  "key:" + i,
                  -1,
                  Heat.UNKNOWN,
                  0,
                  RdbVersion.redis(11),
                  "x".repeat(random.nextInt(90, 120)) + random.nextLong());
          long position = records.place(record).position();
          assertThat(sorter.add(position, record)).isTrue();
          sums.add(Position.slot(position), TestRecords.fingerprint(record));
          sorted.put(records.place(record), record);
        }
        long stored = writer.write("caches/c/run/", RUN, sorter, sums).storedBytes();
        long alone = compressedAlone(sorted);
        assertThat(stored - alone).isLessThanOrEqualTo(5L * count + 128 * 1024);
        sorter.release();
      }
    }
  }

  /// The records as an RDB body and nothing else, in blocks of the same size.
  private static long compressedAlone(Map<Place, Record> records) {
    long bytes = 0;
    ByteBuffer body = ByteBuffer.allocate(2 * RunFormat.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Record record : records.values()) {
      int at = RdbBody.putHead(body, body.position(), record);
      body.position(at).put(record.key().duplicate()).put(record.value().duplicate());
      if (body.position() >= RunFormat.BLOCK_BYTES) {
        bytes += compressed(body);
      }
    }
    return bytes + compressed(body);
  }

  private static int compressed(ByteBuffer body) {
    byte[] content = new byte[body.position()];
    body.flip().get(content);
    body.clear();
    return content.length == 0 ? 0 : Zstd.compress(content, -1).length;
  }

  private static Record record(
      int database,
      String key,
      long expiry,
      Heat heat,
      int type,
      RdbVersion version,
      String value) {
    return new Record(
        database,
        TestRecords.bytes(key),
        expiry,
        heat,
        type,
        version,
        ByteBuffer.wrap(value.getBytes(ISO_8859_1)));
  }

  private static void put(BlockWriter writer, long position, Record record) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(
                RdbBody.MOST_HEAD_BYTES + record.key().remaining() + record.value().remaining())
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(RdbBody.putHead(bytes, 0, record));
    bytes.put(record.key().duplicate());
    int headLength = bytes.position();
    bytes.put(record.value().duplicate());
    writer.record(
        position,
        record.database(),
        record.version(),
        headLength,
        record.value().remaining(),
        (at, length, into, offset) -> into.put(offset, bytes, (int) at, length),
        0);
  }

  private static Stored stored(long position, int entries, ByteBuffer bytes) {
    return new Stored(position, entries, direct(bytes));
  }

  private static ByteBuffer direct(ByteBuffer bytes) {
    return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes.duplicate()).flip();
  }

  private static String hex(ByteBuffer bytes, int at, int length) {
    byte[] content = new byte[length];
    bytes.get(at, content);
    return HexFormat.of().formatHex(content);
  }
}
