package io.ringkeep.repository.run;

import io.ringkeep.repository.object.ObjectReader;
import io.ringkeep.repository.object.SealedObjects;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The blocks of one run as stored, whichever data object they lie in.
///
/// Used by one thread at a time. Keeps the object open that was read last: about 2 MiB.
final class RunData {
  private final StoredRun run;
  private final SealedObjects objects;
  private @Nullable ObjectReader open;
  private int number;

  RunData(StoredRun run, SealedObjects objects) {
    this.run = run;
    this.objects = objects;
  }

  /// Reads blocks `from`, inclusive, to `to`, exclusive, all of one object.
  ///
  /// @return the buffer, cleared; block `from` begins at its index 0
  ByteBuffer read(int from, int to, OffHeapBuffer into) throws IOException {
    RunIndex index = run.index();
    long start = index.offset(from);
    int length = Math.toIntExact(index.offset(to - 1) + index.storedLength(to - 1) - start);
    ByteBuffer bytes = into.atLeast(length, 0).clear().limit(length);
    object(index.object(from)).read(start, bytes);
    return bytes.clear();
  }

  private ObjectReader object(int wanted) throws IOException {
    ObjectReader reader = open;
    if (reader == null || number != wanted) {
      reader = run.openData(objects, wanted);
      open = reader;
      number = wanted;
    }
    return reader;
  }
}
