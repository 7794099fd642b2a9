package io.ringkeep.repository.known;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Position;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.repository.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownFileTest {
  private static final String REPOSITORY = "0".repeat(32);
  private static final String SNAPSHOT = "0123456789ab";

  private final Random random = Seeds.random("KnownFileTest");
  @TempDir private Path folder;

  private record Entry(long position, long check, Fingerprint fingerprint, int database) {}

  private KnownFolder place() {
    return new KnownFolder(folder, REPOSITORY, "orders");
  }

  private List<Entry> entries(int count, int slots, int hashBits) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long hash = random.nextLong() >>> (Long.SIZE - hashBits) << (Position.HASH_BITS - hashBits);
      entries.add(
          new Entry(
              Position.of(random.nextInt(slots), hash),
              random.nextLong(),
              new Fingerprint(random.nextLong(), random.nextLong()),
              random.nextInt(3)));
    }
    return entries;
  }

  private SlotDigests write(List<Entry> entries, int parts) throws IOException {
    SlotDigests digests = new SlotDigests();
    try (KnownLog log = place().begin(SNAPSHOT, List.of())) {
      List<KnownLog.Part> all = Stream.generate(log::part).limit(parts).toList();
      for (Entry entry : entries) {
        KnownLog.Part part = all.get(random.nextInt(parts));
        int kind = part.kind(RdbVersion.redis(11), 7, entry.database);
        part.add(entry.position, entry.check, entry.fingerprint, kind);
        digests.add(Position.slot(entry.position), entry.fingerprint);
      }
      all.forEach(KnownLog.Part::finish);
      place().finish(log, SNAPSHOT);
    }
    return digests;
  }

  @ParameterizedTest
  @CsvSource({
    // entries, slots, bits of hash
    "0, 16384, 50",
    "1, 16384, 50",
    "100000, 16384, 50",
    "50000, 3, 50",
    "5000, 16384, 2", // many share a position
    "300, 1, 0"
  })
  void find_anyShape_findsEachAndNoOther(int count, int slots, int hashBits) throws IOException {
    List<Entry> entries = entries(count, slots, hashBits);
    SlotDigests digests = write(entries, 3);
    try (KnownFile file = place().open(SNAPSHOT, digests).orElseThrow()) {
      assertThat(file.count()).isEqualTo(count);
      for (Entry entry : entries) {
        long found = file.find(entry.position, entry.check);
        assertThat(found).isNotNegative();
        assertThat(file.position(found)).isEqualTo(entry.position);
        assertThat(file.fingerprintHigh(found)).isEqualTo(entry.fingerprint.high());
        assertThat(file.fingerprintLow(found)).isEqualTo(entry.fingerprint.low());
        assertThat(file.kinds().get(file.kind(found)).database()).isEqualTo(entry.database);
        assertThat(file.find(entry.position, ~entry.check)).isNegative();
      }
      for (Entry other : entries(1000, 16384, 50)) {
        assertThat(file.find(other.position, other.check)).isNegative();
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void open_fileOfAnotherSnapshotOrWithOtherDigests_isNotBelieved() throws IOException {
    SlotDigests digests = write(entries(1000, 16384, 50), 1);
    Path file = folder.resolve(REPOSITORY + "-orders-" + SNAPSHOT + ".known");
    Files.copy(file, folder.resolve(REPOSITORY + "-orders-ba9876543210.known"));
    assertThat(place().open("ba9876543210", digests)).isEmpty();
    SlotDigests others = new SlotDigests();
    others.add(digests);
    others.add(7, new Fingerprint(0, 1));
    assertThat(place().open(SNAPSHOT, others)).isEmpty();
    assertThat(new KnownFolder(folder, "1".repeat(32), "orders").open(SNAPSHOT, digests)).isEmpty();
    Optional<KnownFile> right = place().open(SNAPSHOT, digests);
    assertThat(right).isPresent();
    right.get().close();
  }

  @Test
  void open_anyByteChangedOrFileCut_isNotBelieved() throws IOException {
    SlotDigests digests = write(entries(200, 16384, 50), 1);
    Path file = folder.resolve(REPOSITORY + "-orders-" + SNAPSHOT + ".known");
    byte[] whole = Files.readAllBytes(file);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = whole.clone();
      int at = i < 30 ? whole.length - 1 - i : random.nextInt(whole.length);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, damaged);
      assertThat(place().open(SNAPSHOT, digests)).as("byte %d", at).isEmpty();
      try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
        cut.setLength(random.nextInt(whole.length));
      }
      assertThat(place().open(SNAPSHOT, digests)).isEmpty();
    }
  }

  @Test
  void finish_afterStartingOver_hasOnlyWhatCameThen() throws IOException {
    List<Entry> given = entries(5000, 16384, 50);
    List<Entry> wanted = entries(5000, 16384, 50);
    SlotDigests digests = new SlotDigests();
    try (KnownLog log = place().begin(SNAPSHOT, List.of(new RecordKind("REDIS0011", 7, 0)))) {
      KnownLog.Part first = log.part();
      given.forEach(entry -> first.add(entry.position, entry.check, entry.fingerprint, 0));
      first.finish();
      log.startOver();
      KnownLog.Part second = log.part();
      wanted.forEach(entry -> {
        second.add(entry.position, entry.check, entry.fingerprint, 0);
        digests.add(Position.slot(entry.position), entry.fingerprint);
      });
      second.finish();
      place().finish(log, SNAPSHOT);
    }
    try (KnownFile file = place().open(SNAPSHOT, digests).orElseThrow()) {
      assertThat(file.count()).isEqualTo(wanted.size());
    }
  }

  @Test
  void keepOnly_oneSnapshot_leavesOtherCachesAlone() throws IOException {
    write(entries(10, 16384, 50), 1);
    Path other = Files.createFile(folder.resolve(REPOSITORY + "-orders-b-" + SNAPSHOT + ".known"));
    Path dead = Files.createFile(folder.resolve(REPOSITORY + "-orders-aaaaaaaaaaaa.known.log.tmp"));
    place().keepOnly("ffffffffffff");
    assertThat(other).exists();
    assertThat(dead).doesNotExist();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(other);
    }
  }

  @ParameterizedTest
  @CsvSource({"50, 1000", "3, 1000", "0, 1000", "50, 1"})
  void sort_moreThanFitsAtOnce_isInOrder(int hashBits, int slots) throws IOException {
    int count = 3000;
    ByteBuffer entries =
        ByteBuffer.allocate(count * KnownFile.ENTRY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Entry entry : entries(count, Math.min(slots, 16), hashBits)) {
      entries.putLong(entry.position).putLong(entry.check).putLong(1).putLong(2);
    }
    Path path = folder.resolve("sorted");
    try (FileChannel out =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      KnownSorter sorter = new KnownSorter(out, 100);
      sorter.sort(consumer -> consumer.entries(entries, count));
      sorter.flush();
    }
    ByteBuffer sorted = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(sorted.remaining()).isEqualTo(entries.capacity());
    for (int i = 1; i < count; i++) {
      long before = sorted.getLong((i - 1) * KnownFile.ENTRY_BYTES);
      long here = sorted.getLong(i * KnownFile.ENTRY_BYTES);
      assertThat(Long.compareUnsigned(before, here)).isNotPositive();
      if (before == here) {
        assertThat(
                Long.compareUnsigned(
                    sorted.getLong((i - 1) * KnownFile.ENTRY_BYTES + 8),
                    sorted.getLong(i * KnownFile.ENTRY_BYTES + 8)))
            .isNegative();
      }
    }
  }
}
