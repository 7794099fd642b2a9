package io.ringkeep.repository.log;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.ObjectReader;
import io.ringkeep.repository.object.SealedObjects;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/// Reads one segment from its start. For one thread.
final class SegmentInput {
  private final ObjectReader object;
  private final Segment segment;
  private final MessageDigest digest = SegmentFormat.sha256();
  private final ByteBuffer frameHead = ByteBuffer.allocateDirect(SegmentFormat.FRAME_HEAD_BYTES);
  private ByteBuffer stored = ByteBuffer.allocateDirect(0);
  private ByteBuffer raw = ByteBuffer.allocateDirect(0);
  // Place of the next frame in the object, and offset of its first byte in the stream.
  private long at;
  private long offset;
  // The chain behind the links that were read whole, how many they are, and where the next begins.
  private String chain;
  private int link;
  private long linkStart;

  private SegmentInput(ObjectReader object, Segment segment, long at) {
    this.object = object;
    this.segment = segment;
    this.at = at;
    this.offset = segment.start();
    this.chain = segment.chain();
    this.linkStart = segment.start();
  }

  /// Opens a segment and reads its head.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if it is missing or damaged
  static SegmentInput open(SealedObjects objects, SegmentName name) throws IOException {
    String key = name.key();
    ObjectReader object = objects.open(key, ObjectKind.LOG_SEGMENT);
    ByteBuffer prefix = ByteBuffer.allocateDirect(SegmentFormat.PREFIX_BYTES);
    object.read(0, prefix);
    ByteBuffer head = ByteBuffer.allocateDirect(SegmentFormat.headBytes(key, prefix));
    object.read(0, head);
    return new SegmentInput(object, SegmentFormat.decode(name, head), head.limit());
  }

  Segment segment() {
    return segment;
  }

  /// The next bytes of the stream; without remaining bytes at the end. Valid until the next call.
  ByteBuffer next() throws IOException {
    if (at == object.length()) {
      if (offset != segment.end()) {
        throw damaged("segment ends early: offset=%d end=%d".formatted(offset, segment.end()));
      }
      return raw.clear().limit(0);
    }
    object.read(at, frameHead.clear());
    int length = frameHead.getInt(0);
    int size = frameHead.getInt(4);
    if (length < 1 || length > SegmentFormat.FRAME_BYTES || size < 1 || size > length) {
      throw damaged("frame has no such length: bytes=%d stored=%d".formatted(length, size));
    }
    if (offset + length > segment.end()) {
      throw damaged("segment holds more than it should: end=" + segment.end());
    }
    reserve(length);
    stored.clear().limit(size);
    object.read(at + SegmentFormat.FRAME_HEAD_BYTES, stored);
    uncompress(length, size);
    at += SegmentFormat.FRAME_HEAD_BYTES + size;
    digest(raw.duplicate());
    return raw;
  }

  /// Reads all that is left, and compares it.
  ///
  /// @return the chain behind the segment
  /// @throws io.ringkeep.model.BackupException.CorruptData if it is damaged
  String readToTheEnd() throws IOException {
    while (next().hasRemaining()) {
      // All of it goes into the chain.
    }
    return chain();
  }

  private void digest(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      long end = segment.links().get(link);
      int count = (int) Math.min(bytes.remaining(), end - offset);
      digest.update(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
      offset += count;
      if (offset == end) {
        chain = SegmentFormat.chain(chain, linkStart, end, digest.digest());
        linkStart = end;
        link++;
      }
    }
  }

  private void uncompress(int length, int size) {
    raw.clear();
    if (size == length) {
      raw.put(0, stored, 0, length).limit(length);
      return;
    }
    try {
      long count = Zstd.decompressDirectByteBuffer(raw, 0, length, stored, 0, size);
      if (Zstd.isError(count) || count != length) {
        throw damaged("frame cannot be uncompressed: expected=%d".formatted(length));
      }
    } catch (ZstdException e) {
      throw damaged("frame cannot be uncompressed: reason=" + e.getMessage());
    }
    raw.limit(length);
  }

  private void reserve(int length) {
    if (raw.capacity() < length) {
      raw = ByteBuffer.allocateDirect(length);
      stored = ByteBuffer.allocateDirect(length);
    }
  }

  private RuntimeException damaged(String what) {
    return SegmentFormat.corrupt(object.name(), what);
  }

  /// The chain behind the segment, once all of it was read.
  String chain() {
    if (offset != segment.end()) {
      throw new IllegalStateException("segment was not read to its end: " + object.name());
    }
    return chain;
  }
}
