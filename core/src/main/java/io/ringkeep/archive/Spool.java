package io.ringkeep.archive;

import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.repository.log.LogWriter;
import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.Stretch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A shard's stream on this host, from the first byte that is not in the repository to the last one
/// received. Safe for several threads: one appends, one flushes, one ships.
/* Files are numbered; the newest is appended to. Each begins outside a transaction, so a file that has
 * grown enough is followed by one that begins with the unfinished rest of it. What may leave for the
 * repository are checkpoints: the last end of a transaction before each fsync. When all files together
 * are larger than the limit, the oldest goes, and whoever ships finds that the next one does not join.
 */
final class Spool implements AutoCloseable {
  private static final long MOST_FILE_BYTES = 64 << 20;
  private static final int FILES_AT_LEAST = 4;
  private static final int MOST_REST_BYTES = 1 << 20;

  private final Path directory;
  private final long limitBytes;
  private final FileChannel lock;
  private final SpoolDisk disk;
  // All below is guarded by this. Oldest first; the last one is written to.
  private final Deque<SpoolPart> parts = new ArrayDeque<>();
  private long lastNumber;
  private long dropped;
  private long boundary;
  private int database;

  /// How far the stream has been received.
  ///
  /// @param offset behind the last whole transaction
  record Reached(String replid, long offset, int database) {}

  /// What may go to the repository next.
  ///
  /// @param head of the file that it is in
  /// @param start where it begins
  /// @param database there
  /// @param draft where it ends, and what is known of it
  record Parcel(SpoolHead head, long start, int database, LogWriter.Draft draft) {}

  private Spool(Path directory, long limitBytes, FileChannel lock, SpoolDisk disk) {
    this.directory = directory;
    this.limitBytes = limitBytes;
    this.lock = lock;
    this.disk = disk;
  }

  /// Opens a spool; makes it if it is not there. What a dead process had not finished is cut off.
  ///
  /// @param limitBytes the most that it may take; one transaction may go beyond
  /// @throws Locked if another process has it open
  static Spool open(Path directory, long limitBytes) throws IOException {
    return open(directory, limitBytes, SpoolDisk.REAL);
  }

  static Spool open(Path directory, long limitBytes, SpoolDisk disk) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    FileChannel lock =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!tryLock(lock)) {
      lock.close();
      throw new Locked(
          "another archiver uses the spool: folder=" + directory,
          "wait until it has ended, or name another folder with --spool");
    }
    Spool spool = new Spool(directory, limitBytes, lock, disk);
    try {
      spool.recover();
      return spool;
    } catch (IOException | RuntimeException e) {
      spool.close();
      throw e;
    }
  }

  /// A lease can change hands while its holder cannot reach the repository; the files here cannot.
  private static boolean tryLock(FileChannel lock) throws IOException {
    try {
      return lock.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // by this very process
    }
  }

  private synchronized void recover() throws IOException {
    List<Path> paths;
    try (Stream<Path> files = Files.list(directory)) {
      paths =
          files
              .filter(file -> file.getFileName().toString().matches("[0-9a-f]{16}\\.spool"))
              .sorted()
              .toList();
    }
    for (Path path : paths) {
      lastNumber = HexFormat.fromHexDigitsToLong(path.getFileName().toString(), 0, 16);
      Optional<SpoolRecovery> recovered = SpoolRecovery.of(path, disk);
      if (recovered.isPresent()) {
        SpoolPart part = recovered.get().part();
        SpoolHead head = part.file.head();
        if (!parts.isEmpty()) {
          boolean rest = goesOn(head);
          parts.getLast().close(rest ? head.start() : boundary, rest ? head.database() : database);
        }
        parts.add(part);
        boundary = recovered.get().end();
        database = recovered.get().database();
      }
    }
    if (!parts.isEmpty()) {
      parts.getLast().file.truncate(boundary);
    }
  }

  /// Whether a file takes the place of what the one before has from there on.
  private boolean goesOn(SpoolHead head) {
    return head.continues().isPresent()
        || (head.replid().equals(parts.getLast().file.head().replid()) && head.start() <= boundary);
  }

  /// Finds out whether the disk takes anything, before a server is asked for what would go there.
  ///
  /// @throws IOException if it does not
  synchronized void requireRoom() throws IOException {
    disk.requireRoom(directory);
  }

  /// How far the stream has been received; empty if nothing of it is here.
  synchronized Optional<Reached> reached() {
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of(new Reached(parts.getLast().file.head().replid(), boundary, database));
  }

  /// Whether the repository has all that is here, and more: another archiver went on from there, or
  /// behind a gap.
  ///
  /// @param stretches of the log, oldest first
  synchronized boolean isBehind(List<Stretch> stretches) {
    if (parts.isEmpty() || stretches.isEmpty()) {
      return false;
    }
    String replid = parts.getLast().file.head().replid();
    Stretch newest = stretches.getLast();
    return parts.stream()
            .allMatch(part -> held(stretches, part.file.head().replid(), part.checked()))
        && (newest.end() > boundary || !newest.replid().equals(replid));
  }

  private static boolean held(List<Stretch> stretches, String replid, long offset) {
    return stretches.stream().anyMatch(stretch -> stretch.holds(replid, offset));
  }

  /// Removes all that is here.
  synchronized void discard() throws IOException {
    while (!parts.isEmpty()) {
      parts.removeFirst().file.delete();
    }
  }

  /// Begins a file: at the start, behind what was lost, or when another history goes on.
  synchronized void begin(SpoolHead head) throws IOException {
    if (!parts.isEmpty()) {
      SpoolPart last = parts.getLast();
      last.force();
      last.check(boundary, database);
      last.close(boundary, database);
    }
    add(head);
    boundary = head.start();
    database = head.database();
  }

  private SpoolPart add(SpoolHead head) throws IOException {
    String name = HexFormat.of().toHexDigits(++lastNumber) + ".spool";
    SpoolFile file = SpoolFile.create(directory.resolve(name), head, disk);
    try {
      disk.syncFolder(directory);
    } catch (IOException e) {
      file.delete();
      throw e;
    }
    SpoolPart part = new SpoolPart(file);
    parts.add(part);
    return part;
  }

  /// Product and version of the server that sent the last bytes; empty if there are none.
  synchronized String engine() {
    return parts.isEmpty() ? "" : parts.getLast().file.head().engine();
  }

  /// Offset behind the last byte received; -1 if there is none.
  synchronized long received() {
    return parts.isEmpty() ? -1 : parts.getLast().file.end();
  }

  /// Takes back what was received of a transaction that is not whole: a link that goes on brings it
  /// again, or another server does.
  synchronized void truncate() throws IOException {
    if (!parts.isEmpty()) {
      if (parts.getLast().lost()) {
        beginBehindTheLast();
      }
      if (parts.getLast().file.end() < boundary) {
        readAgain();
      }
      parts.getLast().file.truncate(boundary);
    }
  }

  /// Goes on in another file with what the disk is known to have.
  private void beginBehindTheLast() throws IOException {
    SpoolPart part = parts.getLast();
    long end = part.checked();
    int endDatabase = part.checkedDatabase();
    boolean nothing = end == part.file.head().start();
    add(nothing ? part.file.head() : following(part.file.head(), end, endDatabase));
    part.close(end, endDatabase);
    if (nothing) {
      parts.remove(part);
      part.file.delete();
    }
    boundary = end;
    database = endDatabase;
  }

  private static SpoolHead following(SpoolHead head, long start, int startDatabase) {
    return new SpoolHead(
        head.replid(),
        start,
        startDatabase,
        Optional.of(head.replid()),
        Optional.empty(),
        head.engine());
  }

  /// A disk that was full has taken more than was to be taken back, so that what comes next would
  /// stand at wrong offsets: finds out what is there.
  private void readAgain() throws IOException {
    SpoolPart torn = parts.getLast();
    SpoolRecovery again =
        SpoolRecovery.of(torn.file.path(), disk)
            .orElseThrow(
                () -> new IOException("a spool file has lost its head: folder=" + directory));
    again.part().shipped(torn.shipped());
    parts.removeLast();
    parts.add(again.part());
    boundary = again.end();
    database = again.database();
    torn.file.close();
  }

  /// Appends bytes; they are consumed.
  ///
  /// @param millis when they had come, since 1970
  synchronized void append(ByteBuffer bytes, long millis) throws IOException {
    SpoolPart last = parts.getLast();
    last.requireKept();
    last.file.append(bytes, millis);
    last.arrived(millis);
    while (parts.size() > 1 && sizeBytes() > limitBytes) {
      SpoolPart oldest = parts.removeFirst();
      dropped += oldest.unshippedBytes();
      oldest.file.delete();
    }
  }

  /// Of the bytes appended, those up to `offset` are whole transactions.
  synchronized void boundary(long offset, int atDatabase) throws IOException {
    boundary = offset;
    database = atDatabase;
    SpoolFile file = parts.getLast().file;
    if (file.sizeBytes() > Math.min(MOST_FILE_BYTES, limitBytes / FILES_AT_LEAST)
        && file.end() - boundary <= MOST_REST_BYTES) {
      split();
    }
  }

  private void split() throws IOException {
    SpoolPart full = parts.getLast();
    SpoolHead head = full.file.head();
    ByteBuffer rest = ByteBuffer.allocate((int) (full.file.end() - boundary));
    ReadableByteChannel unfinished = full.file.read(boundary, full.file.end());
    while (rest.hasRemaining() && unfinished.read(rest) >= 0) {
      // All of it.
    }
    full.force();
    full.check(boundary, database);
    SpoolPart next = add(following(head, boundary, database));
    full.close(boundary, database).forEach(next::mark);
    if (rest.flip().hasRemaining()) {
      next.file.append(rest, full.lastMillis());
      next.arrived(full.lastMillis());
    }
  }

  /// Notes when an offset was reached.
  ///
  /// @param replid history that it belongs to; of another one nothing is noted
  synchronized void mark(String replid, Mark mark) throws IOException {
    if (!parts.isEmpty() && parts.getLast().file.head().replid().equals(replid)) {
      parts.getLast().file.append(mark);
      parts.getLast().mark(mark);
    }
  }

  /// Waits until all that was appended before is on the disk.
  ///
  /// @return offset behind the last byte of it
  long flush() throws IOException {
    SpoolPart last;
    long received;
    long whole;
    int wholeDatabase;
    synchronized (this) {
      if (parts.isEmpty()) {
        return -1;
      }
      last = parts.getLast();
      received = last.file.end();
      whole = boundary;
      wholeDatabase = database;
    }
    try {
      last.force();
    } catch (ClosedChannelException e) {
      return -1; // dropped meanwhile
    }
    synchronized (this) {
      last.check(whole, wholeDatabase);
    }
    return received;
  }

  /// Whether a flush that returned `durable` was of all that there is. Bytes may have been flushed
  /// before it was known that a transaction ends with them.
  synchronized boolean isFlushed(long durable) {
    return received() == durable && (parts.isEmpty() || parts.getLast().checked() >= boundary);
  }

  /// What is to be shipped next, if anything is.
  ///
  /// @param mostBytes how much, if a transaction ends so soon
  synchronized Optional<Parcel> next(long mostBytes) throws IOException {
    while (parts.size() > 1 && parts.getFirst().done()) {
      parts.removeFirst().file.delete();
    }
    return parts.isEmpty() ? Optional.empty() : parts.getFirst().next(mostBytes);
  }

  /// The bytes of a parcel.
  ///
  /// @throws IOException if its file was dropped meanwhile
  synchronized ReadableByteChannel read(Parcel parcel) throws IOException {
    SpoolPart first = parts.getFirst();
    if (!first.file.head().equals(parcel.head())) {
      throw new ClosedChannelException();
    }
    return first.file.read(parcel.start(), parcel.draft().end());
  }

  /// Everything of the oldest file up to `offset` is in the repository.
  synchronized void shipped(SpoolHead head, long offset) {
    if (!parts.isEmpty() && parts.getFirst().file.head().equals(head)) {
      parts.getFirst().shipped(offset);
    }
  }

  /// Bytes that may go to the repository and have not.
  synchronized long unshippedBytes() {
    return parts.stream().mapToLong(SpoolPart::unshippedBytes).sum();
  }

  /// What it takes on the disk.
  synchronized long sizeBytes() {
    return parts.stream().mapToLong(part -> part.file.sizeBytes()).sum();
  }

  /// Bytes of the stream that were dropped unsent.
  synchronized long dropped() {
    return dropped;
  }

  @Override
  public synchronized void close() throws IOException {
    for (SpoolPart part : parts) {
      part.file.close();
    }
    lock.close();
  }
}
