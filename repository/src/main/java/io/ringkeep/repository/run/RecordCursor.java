package io.ringkeep.repository.run;

import io.ringkeep.model.Record;
import java.io.IOException;

/// Stored records, one after another, in [io.ringkeep.model.RecordOrder].
///
/// Used by one thread. Closing it frees its memory and ends what it fetches ahead.
public interface RecordCursor extends AutoCloseable {
  /// Moves to the next record; false at the end.
  ///
  /// @throws IOException if the store fails
  /// @throws io.ringkeep.model.BackupException.CorruptData naming the object whose bytes are not
  ///   what was written
  boolean next() throws IOException;

  /// Position of the current record.
  long position();

  /// The current record without its value, for whoever only counts and lists: nothing is fetched
  /// for it. Its key holds as a record's buffers do.
  RecordHead head();

  /// The current record. Its buffers hold until the next call of [#next] or [#close].
  ///
  /// A value of more than [RunFormat#PIECE_BYTES] is fetched by this call, others are there
  /// already.
  Record record() throws IOException;

  @Override
  void close();
}
