package io.ringkeep.repository.log;

import com.github.luben.zstd.ZstdCompressCtx;
import io.ringkeep.repository.object.ObjectWriter;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;

/// Writes the bytes of a segment as frames. For one thread.
final class SegmentOutput implements AutoCloseable {
  private static final int LEVEL = 3;

  private final ZstdCompressCtx compressor = new ZstdCompressCtx();
  private final ByteBuffer raw = ByteBuffer.allocateDirect(SegmentFormat.FRAME_BYTES);
  private final ByteBuffer stored =
      ByteBuffer.allocateDirect(
          SegmentFormat.FRAME_HEAD_BYTES
              + (int) com.github.luben.zstd.Zstd.compressBound(SegmentFormat.FRAME_BYTES));

  SegmentOutput() {
    compressor.setLevel(LEVEL).setContentSize(true);
  }

  /// Moves `count` bytes from `in` to `out`.
  ///
  /// @return their SHA-256
  /// @throws EOFException if there are fewer
  byte[] write(ReadableByteChannel in, long count, ObjectWriter out) throws IOException {
    MessageDigest digest = SegmentFormat.sha256();
    for (long left = count; left > 0; left -= raw.limit()) {
      raw.clear().limit((int) Math.min(left, raw.capacity()));
      while (raw.hasRemaining()) {
        if (in.read(raw) < 0) {
          throw new EOFException("the stream ends before the segment does");
        }
      }
      raw.flip();
      digest.update(raw.duplicate());
      out.write(frame());
    }
    return digest.digest();
  }

  private ByteBuffer frame() {
    int length = raw.limit();
    int head = SegmentFormat.FRAME_HEAD_BYTES;
    int size =
        compressor.compressDirectByteBuffer(
            stored.clear(), head, stored.capacity() - head, raw, 0, length);
    if (size >= length) {
      stored.put(head, raw, 0, length);
      size = length;
    }
    return stored.putInt(0, length).putInt(4, size).position(0).limit(head + size);
  }

  @Override
  public void close() {
    compressor.close();
  }
}
