package io.ringkeep.redis.replication;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/// An RDB for a target, written when the target is ready for it.
@FunctionalInterface
public interface RdbBody {

  /// Writes the whole RDB, from its magic to its checksum. Small pieces are gathered behind `out`.
  ///
  /// Failures of `out` must pass through: they carry what became of the target.
  ///
  /// @throws IOException if the RDB cannot be made; the target then sees a torn one and drops it
  void writeTo(WritableByteChannel out) throws IOException;
}
