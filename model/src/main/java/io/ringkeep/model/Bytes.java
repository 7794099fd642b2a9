package io.ringkeep.model;

import java.nio.ByteBuffer;

/// Arrays of what buffers hold.
public final class Bytes {
  private Bytes() {}

  /// A copy of the bytes between position and limit, which stay where they are.
  public static byte[] of(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }
}
