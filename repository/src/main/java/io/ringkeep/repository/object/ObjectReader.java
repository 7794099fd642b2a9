package io.ringkeep.repository.object;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads one object's content; every byte it returns is proven. For one thread.
///
/// It keeps the last segments it opened, so that neighbouring ranges in turn open each segment
/// once; when ranges follow one another it fetches a mebibyte at a time, since each fetch may wait
/// for a round trip. Memory: 64 KiB twice, 1 MiB twice then.
public final class ObjectReader {
  private static final int SEGMENTS_AHEAD = 16;

  private final ObjectStore store;
  private final String name;
  private final byte[] header;
  private final SegmentCodec codec;
  private final long length;
  private final long lastSegment;

  // Segments from number `keptFirst` on: as stored, and their content.
  private ByteBuffer sealed = ByteBuffer.allocateDirect(0);
  private ByteBuffer kept = ByteBuffer.allocateDirect(0);
  private long keptFirst;
  private int keptCount;

  ObjectReader(ObjectStore store, String name, byte[] header, SegmentCodec codec, long length) {
    this.store = store;
    this.name = name;
    this.header = header;
    this.codec = codec;
    this.length = length;
    this.lastSegment = Math.max(1, Math.ceilDiv(length, ObjectFormat.SEGMENT_BYTES)) - 1;
  }

  /// The object's name.
  public String name() {
    return name;
  }

  /// Bytes of content, as the stored length has it; proven once the last byte was read.
  public long length() {
    return length;
  }

  /// Reads the content from `offset` on until `into` is full.
  ///
  /// @throws CorruptData if a segment of it is damaged, or the object ends before
  public void read(long offset, ByteBuffer into) throws IOException {
    if (offset < 0 || offset + into.remaining() > length) {
      throw new CorruptData(
          "range lies beyond the object's end: object=%s offset=%d bytes=%d length=%d"
              .formatted(name, offset, into.remaining(), length),
          ObjectFormat.HINT,
          null);
    }
    long next = offset;
    while (into.hasRemaining()) {
      keep(
          next / ObjectFormat.SEGMENT_BYTES,
          (next + into.remaining() - 1) / ObjectFormat.SEGMENT_BYTES);
      int from = (int) (next - keptFirst * ObjectFormat.SEGMENT_BYTES);
      int count = Math.min(into.remaining(), kept.limit() - from);
      into.put(kept.slice(from, count));
      next += count;
    }
  }

  /// Reads the whole content from its beginning and compares the digest of all stored bytes.
  ///
  /// @param content gets each part, valid during the call. What it got is proven part by part
  /// @throws CorruptData if any stored byte is damaged
  public StoredObject readAll(Consumer<ByteBuffer> content) throws IOException {
    MessageDigest digest = ObjectFormat.sha256();
    digest.update(header);
    keptCount = 0;
    for (long first = 0; first <= lastSegment; first += SEGMENTS_AHEAD) {
      keep(first, first + SEGMENTS_AHEAD - 1);
      digest.update(sealed.duplicate().rewind());
      content.accept(kept.duplicate());
    }
    long offset = sealedOffset(lastSegment + 1) - sealShortage();
    byte[] expected = new byte[ObjectFormat.DIGEST_BYTES];
    fetch(offset, ByteBuffer.wrap(expected));
    byte[] actual = digest.digest();
    ObjectFormat.compareDigests(name, offset, expected, actual);
    return new StoredObject(name, offset + expected.length, HexFormat.of().formatHex(actual));
  }

  /// The digest that stands at the object's end, in hex. Nothing is compared with it here.
  ///
  /// @throws CorruptData if the object is missing or ends before
  public String storedDigest() throws IOException {
    byte[] digest = new byte[ObjectFormat.DIGEST_BYTES];
    fetch(sealedOffset(lastSegment + 1) - sealShortage(), ByteBuffer.wrap(digest));
    return HexFormat.of().formatHex(digest);
  }

  /// Makes `number` one of the kept segments.
  ///
  /// @param wanted the last segment that the caller will ask for
  private void keep(long number, long wanted) throws IOException {
    if (number >= keptFirst && number < keptFirst + keptCount) {
      return;
    }
    boolean sequential = keptCount > 0 && number == keptFirst + keptCount;
    long ahead = number + SEGMENTS_AHEAD - 1;
    if (sequential && ahead > wanted) {
      try {
        load(number, ahead);
        return;
      } catch (CorruptData e) {
        // Only what was asked for counts.
      }
    }
    load(number, wanted);
  }

  private void load(long number, long until) throws IOException {
    int count = (int) Math.min(Math.min(until, lastSegment) - number + 1, SEGMENTS_AHEAD);
    keptCount = 0;
    reserve(count);
    long content = Math.min(length - number * ObjectFormat.SEGMENT_BYTES, kept.limit());
    sealed.limit((int) content + count * codec.sealBytes());
    fetch(sealedOffset(number), sealed);
    sealed.flip();
    for (int i = 0; i < count; i++) {
      open(number + i);
    }
    kept.flip();
    keptFirst = number;
    keptCount = count;
  }

  private void reserve(int count) {
    int contentBytes = count * ObjectFormat.SEGMENT_BYTES;
    int sealedBytes = contentBytes + count * codec.sealBytes();
    if (kept.capacity() < contentBytes) {
      kept = ByteBuffer.allocateDirect(contentBytes);
      sealed = ByteBuffer.allocateDirect(sealedBytes);
    }
    kept.clear().limit(contentBytes);
    sealed.clear();
  }

  private void open(long number) {
    int bytes = Math.min(ObjectFormat.SEGMENT_BYTES + codec.sealBytes(), sealed.remaining());
    ByteBuffer segment = sealed.slice(sealed.position(), bytes);
    Optional<String> wrong = codec.open(number, number == lastSegment, segment, kept);
    if (wrong.isPresent()) {
      throw new CorruptData(
          "object segment mismatch: object=%s segment=%d offset=%d %s"
              .formatted(name, number, sealedOffset(number), wrong.get()),
          ObjectFormat.HINT,
          null);
    }
    sealed.position(sealed.position() + bytes);
  }

  private long sealedOffset(long number) {
    return ObjectFormat.HEADER_BYTES + number * (ObjectFormat.SEGMENT_BYTES + codec.sealBytes());
  }

  /// Bytes that the last segment is short of a full one.
  private long sealShortage() {
    return (lastSegment + 1) * ObjectFormat.SEGMENT_BYTES - length;
  }

  private void fetch(long offset, ByteBuffer into) throws IOException {
    try {
      store.read(name, offset, into);
    } catch (NoSuchObjectException e) {
      throw ObjectFormat.missing(name, e);
    } catch (EOFException e) {
      throw ObjectFormat.truncated(name, offset, e);
    }
  }
}
