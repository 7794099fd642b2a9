package io.ringkeep.repository.run;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A direct, little-endian buffer that grows and is freed when closed, not when the heap is
/// collected.
///
/// Not thread-safe; may go from one thread to another.
final class OffHeapBuffer implements AutoCloseable {
  private static final int LEAST_BYTES = 4096;

  private Arena arena = Arena.ofShared();
  private ByteBuffer buffer;

  OffHeapBuffer(int bytes) {
    buffer = allocate(bytes);
  }

  /// The buffer; valid until the next call of [#atLeast].
  ByteBuffer get() {
    return buffer;
  }

  /// The buffer, grown to `bytes` if it is smaller.
  ///
  /// @param kept how many bytes at its start must survive
  ByteBuffer atLeast(int bytes, int kept) {
    if (buffer.capacity() >= bytes) {
      return buffer;
    }
    Arena old = arena;
    ByteBuffer content = buffer;
    arena = Arena.ofShared();
    long grown = Math.min(Integer.MAX_VALUE, content.capacity() * 5L / 4);
    buffer = allocate((int) Math.max(bytes, grown));
    buffer.put(0, content, 0, kept);
    old.close();
    return buffer;
  }

  private ByteBuffer allocate(int bytes) {
    return arena
        .allocate(Math.max(bytes, LEAST_BYTES), 8)
        .asByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    arena.close();
  }
}
