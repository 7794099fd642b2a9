package io.ringkeep.repository.run;

import java.nio.ByteBuffer;

/// Bytes at addresses, wherever they lie.
@FunctionalInterface
interface ByteSource {
  /// Copies `length` bytes from address `at` to index `offset` of `into`, whose position stays.
  void copy(long at, int length, ByteBuffer into, int offset);
}
