package io.ringkeep.erasure;

import java.nio.ByteBuffer;

/// Multiplies pieces by a matrix: the loop in which an erasure code spends its time.
///
/// All kernels give the same bytes. They keep no state and may be called by many threads.
public interface Kernel {
  /// One word for reports, such as `scalar`.
  String name();

  /// Sets byte i of every `to[r]` to the sum over c of `matrix[r × from.length + c]` × byte i of
  /// `from[c]`, counted from each buffer's position.
  ///
  /// Nothing is checked: all buffers are direct, have equally much remaining and share no byte
  /// between `from` and `to`; there is at least one of each. Positions and limits stay.
  void multiply(byte[] matrix, ByteBuffer[] from, ByteBuffer[] to);
}
