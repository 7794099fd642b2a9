package io.ringkeep.repository.run;

import io.ringkeep.model.BackupException.CorruptData;

/// Where a block is stored, for messages.
///
/// @param object name of the data object
/// @param offset of the block in the object's content
/// @param number of the block in its run, from 0
record BlockPlace(String object, long offset, int number) {

  /// What to throw when the block is not what was written.
  CorruptData damaged(String what, Object expected, Object actual) {
    return new CorruptData(
        "%s: object=%s offset=%d block=%d expected=%s actual=%s"
            .formatted(what, object, offset, number, expected, actual),
        RunFormat.HINT,
        null);
  }

  /// What to throw when the block's content makes no sense.
  CorruptData damaged(String what, Throwable cause) {
    return new CorruptData(
        "%s: object=%s offset=%d block=%d".formatted(what, object, offset, number),
        RunFormat.HINT,
        cause);
  }
}
