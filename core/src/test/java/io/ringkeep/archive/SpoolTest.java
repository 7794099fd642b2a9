package io.ringkeep.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException;
import io.ringkeep.repository.log.Gap;
import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.SegmentName;
import io.ringkeep.repository.log.Stretch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
  private static final String REPLID = "a".repeat(40);
  private static final SpoolHead HEAD =
      new SpoolHead(REPLID, 1_000, 2, Optional.empty(), Optional.empty(), "Redis 7.0.15");
  private static final String SET = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
  private static final String MULTI = "*1\r\n$5\r\nMULTI\r\n";

  @TempDir Path folder;

  private Spool open() throws IOException {
    return Spool.open(folder, 1 << 20);
  }

  private static void append(Spool spool, String text, long boundary) throws IOException {
    spool.append(ByteBuffer.wrap(text.getBytes(US_ASCII)), 5);
    spool.boundary(boundary, 2);
  }

  private static String read(Spool spool, Spool.Parcel parcel) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ReadableByteChannel in = spool.read(parcel);
    ByteBuffer some = ByteBuffer.allocate(7);
    while (in.read(some.clear()) >= 0) {
      all.write(some.array(), 0, some.position());
    }
    return all.toString(US_ASCII);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".spool")).sorted().toList();
    }
  }

  @Test
  void next_beforeTheFlush_givesNothingAndAfterItWholeTransactionsOnly() throws IOException {
    try (Spool spool = open()) {
      spool.begin(HEAD);
      append(spool, SET + MULTI + SET, 1_000 + SET.length());
      assertThat(spool.next(100)).isEmpty();

      assertThat(spool.flush()).isEqualTo(1_000 + 2 * SET.length() + MULTI.length());
      spool.mark(REPLID, new Mark(Mark.Kind.SAMPLE, 1_000, 7, 0, "run"));
      spool.mark("b".repeat(40), new Mark(Mark.Kind.SAMPLE, 1_001, 8, 0, "run"));
      Spool.Parcel parcel = spool.next(100).orElseThrow();
      assertThat(parcel.start()).isEqualTo(1_000);
      assertThat(parcel.draft().end()).isEqualTo(1_000 + SET.length());
      assertThat(parcel.draft().marks()).extracting(Mark::timeMicros).containsExactly(7L);
      assertThat(read(spool, parcel)).isEqualTo(SET);
      spool.shipped(parcel.head(), parcel.draft().end());
      assertThat(spool.next(100)).isEmpty();
    }
  }

  /// A flush may come before it is known that a transaction ends with what was flushed, and nothing
  /// may come behind it for long.
  @Test
  void isFlushed_boundaryIsKnownAfterTheFlush_isNotUntilTheNextOne() throws IOException {
    try (Spool spool = open()) {
      assertThat(spool.isFlushed(-1)).isTrue();
      spool.begin(HEAD);
      spool.append(ByteBuffer.wrap(SET.getBytes(US_ASCII)), 5);
      long durable = spool.flush();
      spool.boundary(1_000 + SET.length(), 2);
      assertThat(spool.next(100)).isEmpty();
      assertThat(spool.isFlushed(durable)).isFalse();

      assertThat(spool.flush()).isEqualTo(durable);
      assertThat(spool.isFlushed(durable)).isTrue();
      assertThat(spool.next(100)).isPresent();

      append(spool, MULTI, 1_000 + SET.length());
      assertThat(spool.isFlushed(durable)).isFalse();
      assertThat(spool.isFlushed(spool.flush())).isTrue();
    }
  }

  @Test
  void open_afterAKillAtAnyByte_keepsEveryWholeTransactionBeforeIt() throws IOException {
    try (Spool spool = open()) {
      spool.begin(HEAD);
      for (int i = 1; i <= 3; i++) {
        append(spool, SET, 1_000 + i * SET.length());
        spool.flush();
      }
    }
    byte[] whole = Files.readAllBytes(files().getFirst());
    long[] reached = new long[whole.length + 1];
    for (int length = 0; length <= whole.length; length++) {
      Files.write(
          files().isEmpty() ? folder.resolve("0".repeat(15) + "1.spool") : files().getFirst(),
          Arrays.copyOf(whole, length));
      try (Spool spool = open()) {
        reached[length] = spool.reached().map(Spool.Reached::offset).orElse(-1L);
        if (reached[length] > 1_000) {
          Spool.Parcel parcel = spool.next(1 << 20).orElseThrow();
          assertThat(parcel.draft().end()).isEqualTo(reached[length]);
          assertThat(read(spool, parcel))
              .isEqualTo(SET.repeat((int) (reached[length] - 1_000) / SET.length()));
        }
      }
      assertThat(reached[length]).isGreaterThanOrEqualTo(length == 0 ? -1 : reached[length - 1]);
    }
    assertThat(reached[0]).isEqualTo(-1);
    assertThat(reached[whole.length]).isEqualTo(1_000 + 3 * SET.length());
  }

  @Test
  void open_aBitIsFlipped_cutsThere() throws IOException {
    try (Spool spool = open()) {
      spool.begin(HEAD);
      append(spool, SET, 1_000 + SET.length());
      append(spool, SET, 1_000 + 2 * SET.length());
    }
    Path file = files().getFirst();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 3] ^= 4;
    Files.write(file, bytes, StandardOpenOption.TRUNCATE_EXISTING);
    try (Spool spool = open()) {
      assertThat(spool.reached().orElseThrow().offset()).isEqualTo(1_000 + SET.length());
      append(spool, SET, 1_000 + 2 * SET.length());
      spool.flush();
      assertThat(read(spool, spool.next(100).orElseThrow())).isEqualTo(SET + SET);
    }
  }

  @Test
  void open_alreadyOpen_isRefused() throws IOException {
    try (Spool spool = open()) {
      assertThat(spool.reached()).isEmpty();
      assertThatThrownBy(this::open).isInstanceOf(BackupException.Locked.class);
    }
    open().close();
  }

  @Test
  void truncate_unfinishedTransaction_takesItBack() throws IOException {
    try (Spool spool = open()) {
      spool.begin(HEAD);
      append(spool, SET + MULTI, 1_000 + SET.length());
      append(spool, SET.substring(0, 9), 1_000 + SET.length());
      spool.truncate();
      assertThat(spool.received()).isEqualTo(1_000 + SET.length());
      append(spool, SET, 1_000 + 2 * SET.length());
      spool.flush();
      assertThat(read(spool, spool.next(100).orElseThrow())).isEqualTo(SET + SET);
    }
  }

  /// A disk that fails when it is told to, and then says again that all is well.
  private static final class FailingDisk implements SpoolDisk {
    private boolean fails;
    private int folders;

    @Override
    public void force(FileChannel file) throws IOException {
      if (fails) {
        fails = false;
        throw new IOException("Input/output error");
      }
      SpoolDisk.REAL.force(file);
    }

    @Override
    public void syncFolder(Path directory) throws IOException {
      folders++;
      SpoolDisk.REAL.syncFolder(directory);
    }
  }

  @Test
  void flush_failedOnce_isNotBelievedLaterAndTheStreamGoesOnBehindWhatTheDiskHas()
      throws IOException {
    FailingDisk disk = new FailingDisk();
    try (Spool spool = Spool.open(folder, 1 << 20, disk)) {
      spool.begin(HEAD);
      append(spool, SET, 1_000 + SET.length());
      spool.flush();
      append(spool, SET, 1_000 + 2 * SET.length());
      disk.fails = true;
      assertThatThrownBy(spool::flush).hasMessage("Input/output error");
      assertThatThrownBy(spool::flush).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> append(spool, SET, 1_000 + 3 * SET.length()))
          .isInstanceOf(IOException.class);

      // Then the link is made anew.
      spool.truncate();
      assertThat(spool.reached().orElseThrow().offset()).isEqualTo(1_000 + SET.length());
      append(spool, SET, 1_000 + 2 * SET.length());
      assertThat(spool.flush()).isEqualTo(1_000 + 2 * SET.length());
      assertThat(disk.folders).isEqualTo(2);
    }
    try (Spool spool = open()) {
      long at = 1_000;
      for (int i = 0; i < 2; i++) {
        Spool.Parcel parcel = spool.next(1 << 20).orElseThrow();
        assertThat(parcel.start()).isEqualTo(at);
        assertThat(read(spool, parcel)).isEqualTo(SET);
        at = parcel.draft().end();
        spool.shipped(parcel.head(), at);
      }
      assertThat(spool.next(1 << 20)).isEmpty();
    }
  }

  @Test
  void flush_failedBeforeAnythingWasOnTheDisk_keepsWhatIsKnownOfTheBegin() throws IOException {
    FailingDisk disk = new FailingDisk();
    SpoolHead behindAGap =
        new SpoolHead(
            REPLID,
            1_000,
            2,
            Optional.empty(),
            Optional.of(Gap.Reason.FULL_RESYNC),
            "Redis 7.0.15");
    try (Spool spool = Spool.open(folder, 1 << 20, disk)) {
      spool.begin(behindAGap);
      append(spool, SET, 1_000 + SET.length());
      disk.fails = true;
      assertThatThrownBy(spool::flush).isInstanceOf(IOException.class);
      spool.truncate();
      assertThat(spool.reached().orElseThrow().offset()).isEqualTo(1_000);
      assertThat(files()).hasSize(1);
      append(spool, SET, 1_000 + SET.length());
      spool.flush();
      assertThat(spool.next(100).orElseThrow().head()).isEqualTo(behindAGap);
    }
  }

  @Test
  void next_ofBytesThatCameWithThoseBefore_saysWhenTheyCame() throws IOException {
    try (Spool spool = open()) {
      spool.begin(HEAD);
      append(spool, SET + SET, 1_000 + SET.length());
      spool.flush();
      spool.shipped(HEAD, 1_000 + SET.length());
      spool.boundary(1_000 + 2 * SET.length(), 2);
      spool.flush();
      assertThat(spool.next(100).orElseThrow().draft().capturedFrom())
          .isEqualTo(Instant.ofEpochMilli(5));
    }
  }

  @Test
  void requireRoom_whereNothingCanBeWritten_fails() throws IOException {
    try (Spool spool = open()) {
      spool.requireRoom();
      Files.createDirectories(folder.resolve("room/taken"));
      assertThatThrownBy(spool::requireRoom).isInstanceOf(IOException.class);
    }
  }

  /// Somebody else's archiver was ahead: what it stored is not shipped again when it arrives here.
  @Test
  void shipped_beyondWhatHasArrived_goesOnBehindIt() throws IOException {
    try (Spool spool = open()) {
      spool.begin(HEAD);
      append(spool, SET, 1_000 + SET.length());
      spool.flush();
      spool.shipped(HEAD, 1_000 + 2 * SET.length());
      append(spool, SET, 1_000 + 2 * SET.length());
      spool.flush();
      assertThat(spool.next(100)).isEmpty();
      append(spool, SET, 1_000 + 3 * SET.length());
      spool.flush();
      Spool.Parcel parcel = spool.next(100).orElseThrow();
      assertThat(parcel.start()).isEqualTo(1_000 + 2 * SET.length());
      assertThat(read(spool, parcel)).isEqualTo(SET);
    }
  }

  /// Another archiver has stored all of it and more, over a failover too.
  @Test
  void isBehind_theLogGoesOn_onlyIfItHoldsAllThatIsHere() throws IOException {
    String later = "b".repeat(40);
    try (Spool spool = open()) {
      assertThat(spool.isBehind(List.of(stretch(segment(REPLID, 0, 2_000))))).isFalse();
      spool.begin(HEAD);
      append(spool, SET, 1_000 + SET.length());
      spool.flush();
      long end = 1_000L + SET.length();
      assertThat(spool.isBehind(List.of())).isFalse();
      assertThat(spool.isBehind(List.of(stretch(segment(REPLID, 0, end))))).isFalse();
      assertThat(spool.isBehind(List.of(stretch(segment(REPLID, 0, end - 1))))).isFalse();
      assertThat(spool.isBehind(List.of(stretch(segment(later, 0, 2_000))))).isFalse();
      assertThat(spool.isBehind(List.of(stretch(segment(REPLID, 0, end + 1))))).isTrue();
      assertThat(
              spool.isBehind(
                  List.of(stretch(segment(REPLID, 0, end), segment(later, end, end + 1)))))
          .isTrue();
      Stretch behindAGap = stretch(segment(later, 5_000, 5_001));
      assertThat(spool.isBehind(List.of(stretch(segment(REPLID, 0, end)), behindAGap))).isTrue();
      assertThat(spool.isBehind(List.of(stretch(segment(REPLID, 0, end - 1)), behindAGap)))
          .isFalse();
      spool.discard();
      assertThat(spool.reached()).isEmpty();
      assertThat(files()).isEmpty();
    }
  }

  private static SegmentName segment(String replid, long start, long end) {
    return new SegmentName("orders", "0", replid, start, end);
  }

  private static Stretch stretch(SegmentName... names) {
    return new Stretch(List.of(names), "");
  }

  /// A full disk kept the file from being cut where it should be, and it ends before: the bytes
  /// that come next stand at their own offsets.
  @Test
  void truncate_fileEndsBeforeTheBoundary_goesBackToTheLastTransactionThatIsThere()
      throws IOException {
    try (Spool spool = open()) {
      spool.begin(HEAD);
      append(spool, SET, 1_000 + SET.length());
      spool.flush();
      spool.shipped(HEAD, 1_000 + SET.length());
      append(spool, SET + MULTI, 1_000 + 3 * SET.length());
      spool.truncate();
      assertThat(spool.reached().orElseThrow().offset()).isEqualTo(1_000 + 2 * SET.length());
      append(spool, SET, 1_000 + 3 * SET.length());
      assertThat(spool.flush()).isEqualTo(1_000 + 3 * SET.length());
      Spool.Parcel parcel = spool.next(100).orElseThrow();
      assertThat(parcel.start()).isEqualTo(1_000 + SET.length());
      assertThat(parcel.draft().end()).isEqualTo(1_000 + 3 * SET.length());
      assertThat(read(spool, parcel)).isEqualTo(SET + SET);
    }
  }

  /// Files are split in the middle of commands, dropped when they are too many, and read as one.
  @Test
  void append_moreThanTheLimit_dropsTheOldestAndKeepsTheRestWhole() throws IOException {
    Random random = new Random(3);
    StringBuilder sent = new StringBuilder();
    try (Spool spool = open()) {
      spool.begin(HEAD);
      long boundary = 1_000;
      String rest = "";
      while (sent.length() < 4 << 20) {
        String value = "x".repeat(random.nextInt(30_000));
        String command = "*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n".formatted(value.length(), value);
        int cut = random.nextInt(command.length());
        String piece = rest + command.substring(0, cut);
        spool.append(ByteBuffer.wrap(piece.getBytes(US_ASCII)), 5);
        sent.append(piece);
        boundary = 1_000L + sent.length() - cut;
        spool.boundary(boundary, 2);
        rest = command.substring(cut);
        spool.flush();
      }
      assertThat(spool.sizeBytes()).isLessThan(2 << 20);
      assertThat(spool.dropped()).isPositive();
      Spool.Parcel first = spool.next(1 << 10).orElseThrow();
      long at = first.start();
      assertThat(at).isGreaterThan(1_000);
      while (true) {
        Optional<Spool.Parcel> parcel = spool.next(100_000);
        if (parcel.isEmpty()) {
          break;
        }
        assertThat(parcel.get().start()).isEqualTo(at);
        long end = parcel.get().draft().end();
        assertThat(read(spool, parcel.get()))
            .isEqualTo(sent.substring((int) (at - 1_000), (int) (end - 1_000)));
        spool.shipped(parcel.get().head(), end);
        at = end;
      }
      assertThat(at).isEqualTo(boundary);
      assertThat(files()).hasSize(1);
    }
  }
}
