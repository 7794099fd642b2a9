package io.ringkeep.archive;

import io.ringkeep.repository.log.Mark;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.zip.CRC32C;

/// One file of a spool: a head, then bytes of the stream and marks as they came.
///
/// FORMAT: records of type (1), length of the payload (4), CRC32C of these five bytes and the
/// payload (4), payload. Type 1 is the head and comes first; 2 is bytes, behind the time at which
/// they had come (8, milliseconds since 1970); 3 is a mark.
///
/// RECOVERY: the first record that is not whole, and all behind it, was being written when the host
/// or the process died. It is cut off.
///
/// Not thread-safe, but for [#read], which any thread may call for bytes that are there.
final class SpoolFile implements AutoCloseable {
  private static final byte HEAD = 1;
  private static final byte BYTES = 2;
  private static final byte MARK = 3;
  private static final int RECORD_HEAD_BYTES = 9;
  private static final int MOST_PAYLOAD_BYTES = 1 << 24;
  private static final int INDEXED_EVERY_BYTES = 1 << 16;
  // A kind's place here is its number in the file.
  private static final List<Mark.Kind> KINDS = List.of(Mark.Kind.values());

  private final Path path;
  private final FileChannel channel;
  private final SpoolDisk disk;
  private final ByteBuffer recordHead = ByteBuffer.allocateDirect(RECORD_HEAD_BYTES + 8);
  private final SpoolHead head;
  private long position;
  private long end;
  // Where in the file the bytes from some offsets on begin; guarded by itself.
  private final List<Place> index = new ArrayList<>();

  private record Place(long offset, long position) {}

  /// Is told what a file holds, record by record.
  interface Content {
    void bytes(ByteBuffer bytes, long millis);

    void mark(Mark mark);
  }

  private SpoolFile(Path path, FileChannel channel, SpoolDisk disk, SpoolHead head) {
    this.path = path;
    this.channel = channel;
    this.disk = disk;
    this.head = head;
    this.end = head.start();
  }

  /// Makes a file that only this user can read: it holds data as it is.
  static SpoolFile create(Path path, SpoolHead head, SpoolDisk disk) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    SpoolFile file = new SpoolFile(path, channel, disk, head);
    try {
      file.record(HEAD, 0, head.encode());
      return file;
    } catch (IOException e) {
      file.delete();
      throw e;
    }
  }

  /// Opens a file that a dead process has left, and cuts off what it had not finished.
  ///
  /// @param reader makes who is told what is in it
  /// @return empty if not even its head is whole; the file is then deleted
  static Optional<SpoolFile> recover(Path path, SpoolDisk disk, Function<SpoolFile, Content> reader)
      throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Optional<Entry> first = record(channel, 0);
    if (first.isEmpty() || first.get().type() != HEAD) {
      channel.close();
      Files.delete(path);
      return Optional.empty();
    }
    SpoolFile file = new SpoolFile(path, channel, disk, SpoolHead.decode(first.get().payload()));
    file.position = first.get().next();
    Content content = reader.apply(file);
    while (true) {
      Optional<Entry> next = record(channel, file.position);
      if (next.isEmpty()) {
        break;
      }
      ByteBuffer payload = next.get().payload();
      switch (next.get().type()) {
        case BYTES -> {
          long millis = payload.getLong();
          file.place();
          file.end += payload.remaining();
          content.bytes(payload, millis);
        }
        case MARK -> content.mark(mark(payload));
        default -> throw new IOException("unknown record in a spool file: file=" + path);
      }
      file.position = next.get().next();
    }
    channel.truncate(file.position);
    return Optional.of(file);
  }

  /// Where it lies.
  Path path() {
    return path;
  }

  private record Entry(byte type, ByteBuffer payload, long next) {}

  private static Optional<Entry> record(FileChannel channel, long at) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(RECORD_HEAD_BYTES);
    if (!fill(channel, at, head)) {
      return Optional.empty();
    }
    int length = head.getInt(1);
    if (length < 0 || length > MOST_PAYLOAD_BYTES) {
      return Optional.empty();
    }
    ByteBuffer payload = ByteBuffer.allocate(length);
    if (!fill(channel, at + RECORD_HEAD_BYTES, payload)) {
      return Optional.empty();
    }
    payload.flip();
    CRC32C crc = new CRC32C();
    crc.update(head.slice(0, 5));
    crc.update(payload.duplicate());
    return (int) crc.getValue() == head.getInt(5)
        ? Optional.of(new Entry(head.get(0), payload, at + RECORD_HEAD_BYTES + length))
        : Optional.empty();
  }

  private static boolean fill(FileChannel channel, long at, ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into, at + into.position()) < 0) {
        return false;
      }
    }
    return true;
  }

  private void place() {
    synchronized (index) {
      if (index.isEmpty() || end - index.getLast().offset() >= INDEXED_EVERY_BYTES) {
        index.add(new Place(end, position));
      }
    }
  }

  SpoolHead head() {
    return head;
  }

  /// Offset behind its last byte.
  long end() {
    return end;
  }

  /// Its size on the disk.
  long sizeBytes() {
    return position;
  }

  /// Appends bytes of the stream; they are consumed.
  void append(ByteBuffer bytes, long millis) throws IOException {
    int count = bytes.remaining();
    place();
    recordHead.clear().putLong(RECORD_HEAD_BYTES, millis);
    write(BYTES, 8, bytes);
    end += count;
  }

  void append(Mark mark) throws IOException {
    byte[] server = mark.server().getBytes(StandardCharsets.US_ASCII);
    ByteBuffer payload = ByteBuffer.allocate(25 + server.length);
    payload.put((byte) KINDS.indexOf(mark.kind()));
    payload.putLong(mark.offset()).putLong(mark.timeMicros()).putLong(mark.boundMicros());
    record(MARK, 0, payload.put(server).flip());
  }

  private static Mark mark(ByteBuffer payload) {
    Mark.Kind kind = KINDS.get(payload.get());
    long offset = payload.getLong();
    long time = payload.getLong();
    long bound = payload.getLong();
    return new Mark(
        kind, offset, time, bound, StandardCharsets.US_ASCII.decode(payload).toString());
  }

  private void record(byte type, int extra, ByteBuffer payload) throws IOException {
    recordHead.clear();
    write(type, extra, payload);
  }

  /// @param extra bytes of the payload that stand behind the record's head in its buffer
  private void write(byte type, int extra, ByteBuffer payload) throws IOException {
    recordHead.put(0, type).putInt(1, extra + payload.remaining());
    CRC32C crc = new CRC32C();
    crc.update(recordHead.slice(0, 5));
    crc.update(recordHead.slice(RECORD_HEAD_BYTES, extra));
    crc.update(payload.duplicate());
    recordHead.putInt(5, (int) crc.getValue()).position(0).limit(RECORD_HEAD_BYTES + extra);
    long written = (long) recordHead.remaining() + payload.remaining();
    try {
      channel.position(position);
      ByteBuffer[] parts = {recordHead, payload};
      while (payload.hasRemaining() || recordHead.hasRemaining()) {
        channel.write(parts);
      }
    } catch (IOException e) {
      channel.truncate(position);
      throw e;
    }
    position += written;
  }

  /// Takes back all bytes behind `offset`, and the marks that came later.
  void truncate(long offset) throws IOException {
    if (offset >= end) {
      return;
    }
    Place place = placeOf(offset);
    long at = place.position();
    long from = place.offset();
    while (true) {
      Entry record = record(channel, at).orElseThrow(EOFException::new);
      int count = record.type() == BYTES ? record.payload().remaining() - 8 : 0;
      if (record.type() == BYTES && from + count > offset) {
        forgetFrom(from);
        channel.truncate(at);
        position = at;
        end = from;
        long millis = record.payload().getLong();
        ByteBuffer kept = record.payload().slice(8, (int) (offset - from));
        if (kept.hasRemaining()) {
          append(kept, millis);
        }
        return;
      }
      from += count;
      at = record.next();
    }
  }

  private void forgetFrom(long offset) {
    synchronized (index) {
      index.removeIf(place -> place.offset() >= offset);
    }
  }

  /// The last place known at `offset` or before it.
  private Place placeOf(long offset) {
    synchronized (index) {
      return search(offset);
    }
  }

  private Place search(long offset) {
    int low = 0;
    int high = index.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (index.get(middle).offset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return index.get(low);
  }

  /// Waits until everything written before is on the disk.
  void force() throws IOException {
    disk.force(channel);
  }

  /// The bytes from one offset to another, both of which are there.
  ReadableByteChannel read(long from, long to) {
    return new Extract(placeOf(from), from, to);
  }

  /// Closes and removes it.
  void delete() throws IOException {
    channel.close();
    Files.deleteIfExists(path);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /// Strings records of bytes together.
  private final class Extract implements ReadableByteChannel {
    private long at;
    private long next;
    private final long skip;
    private final long to;
    private ByteBuffer current = ByteBuffer.allocate(0);

    Extract(Place place, long from, long to) {
      this.at = place.position();
      this.next = place.offset();
      this.to = to;
      this.skip = from;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      while (!current.hasRemaining()) {
        if (next >= to) {
          return -1;
        }
        load();
      }
      int count = Math.min(current.remaining(), into.remaining());
      into.put(current.slice(current.position(), count));
      current.position(current.position() + count);
      return count;
    }

    private void load() throws IOException {
      Entry record = record(channel, at).orElseThrow(EOFException::new);
      at = record.next();
      if (record.type() != BYTES) {
        return;
      }
      ByteBuffer bytes = record.payload();
      bytes.position(8);
      long start = next;
      next += bytes.remaining();
      if (next <= skip) {
        return;
      }
      if (next > to) {
        bytes.limit((int) (bytes.limit() - (next - to)));
      }
      bytes.position(bytes.position() + (int) Math.max(0, skip - start));
      current = bytes;
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() {
      // The file is the spool's.
    }
  }
}
