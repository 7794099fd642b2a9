package io.ringkeep.store.s3;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/// The bytes of some buffers as a stream. The buffers stay as they are.
final class BufferStream extends InputStream {
  private final List<ByteBuffer> buffers;
  private int current;

  /// @param buffers each from its position to its limit
  BufferStream(List<ByteBuffer> buffers) {
    this.buffers = buffers.stream().map(ByteBuffer::duplicate).toList();
  }

  private boolean atEnd() {
    while (current < buffers.size() && !buffers.get(current).hasRemaining()) {
      current++;
    }
    return current == buffers.size();
  }

  @Override
  public int read() {
    return atEnd() ? -1 : buffers.get(current).get() & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    if (atEnd()) {
      return -1;
    }
    ByteBuffer buffer = buffers.get(current);
    int count = Math.min(length, buffer.remaining());
    buffer.get(into, offset, count);
    return count;
  }

  @Override
  public int available() {
    return atEnd() ? 0 : buffers.get(current).remaining();
  }
}
