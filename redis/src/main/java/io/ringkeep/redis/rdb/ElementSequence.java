package io.ringkeep.redis.rdb;

import java.nio.ByteBuffer;

/// The elements of one of the compact forms in which servers keep small collections, first to last.
///
/// Used again for one such form after the other.
sealed interface ElementSequence permits Listpack, Ziplist, Zipmap, Intset {
  /// Starts at the first element of what stands from `start`, inclusive, to `end`, exclusive.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if it cannot be such a form
  void begin(ByteBuffer buffer, int start, int end);

  /// Reads the next element; false behind the last one.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if the bytes make no sense
  boolean next(Element into);
}
