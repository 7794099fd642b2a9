package io.ringkeep.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The 128-bit secret that keys positions and fingerprints of one repository.
///
/// Keyed, so that someone who may write to the cache cannot construct a value that looks unchanged.
///
/// @param k0 first eight bytes, little-endian
/// @param k1 last eight bytes, little-endian
public record HashKey(long k0, long k1) {
  /// The key in 16 bytes.
  public static HashKey of(byte[] bytes) {
    if (bytes.length != 16) {
      throw new IllegalArgumentException("a hash key has 16 bytes: length=" + bytes.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return new HashKey(buffer.getLong(0), buffer.getLong(8));
  }

  @Override
  public String toString() {
    return "HashKey[secret]";
  }
}
