package io.ringkeep.repository.run;

import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Record;
import java.io.IOException;

/// Where captured records go, one after another, in whatever order the server sends them.
public interface RecordSink {
  /// Takes a record in. Its buffers may be reused as soon as this returns.
  ///
  /// Blocks while memory is full and the store is slow. Called by one thread at a time.
  ///
  /// @param position of (database, key) under the repository's hash key
  /// @param fingerprint of the record; it enters the slot's digest
  /// @throws IOException if the store failed, now or while earlier records were written; nothing
  ///   more can be added then
  void accept(long position, Fingerprint fingerprint, Record record) throws IOException;
}
