package io.ringkeep.repository.run;

import io.ringkeep.model.Record;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// What one run says of one key: its record, that it is gone, or nothing.
///
/// Finding it costs a binary search in the index and the block or two of the key's position,
/// whatever the run's size. Used by one thread; to be closed before its [RunReaders].
public final class KeyEntry implements AutoCloseable {
  /// What a run can say.
  public enum State {
    /// The run does not know the key: an older one may.
    ABSENT,
    /// The key was deleted.
    GONE,
    /// Here is its record.
    PRESENT
  }

  private final RunCursor cursor;
  private final State state;

  private KeyEntry(RunCursor cursor, State state) {
    this.cursor = cursor;
    this.state = state;
  }

  /// Asks `run`.
  ///
  /// @param position the key's own
  /// @throws io.ringkeep.model.BackupException.CorruptData naming the object whose bytes are not
  ///   what was written
  public static KeyEntry find(
      StoredRun run, long position, int database, ByteBuffer key, RunReaders readers)
      throws IOException {
    RunCursor cursor =
        new RunCursor(
            run,
            /* age= */ 0,
            List.of(new PositionRange(position, position)),
            readers,
            RunFormat.BLOCK_BYTES);
    try {
      return new KeyEntry(cursor, search(cursor, database, key));
    } catch (IOException | RuntimeException e) {
      cursor.close();
      throw e;
    }
  }

  private static State search(RunCursor cursor, int database, ByteBuffer key) throws IOException {
    if (cursor.mayHaveEntries()) {
      while (cursor.advance()) {
        if (cursor.isOf(database, key)) {
          return cursor.isTombstone() ? State.GONE : State.PRESENT;
        }
      }
    }
    return State.ABSENT;
  }

  /// What it says.
  public State state() {
    return state;
  }

  /// The record, if it is [State#PRESENT]; its buffers hold until this is closed.
  ///
  /// A value of more than [RunFormat#PIECE_BYTES] is fetched by this call.
  public Record record() throws IOException {
    return cursor.record();
  }

  @Override
  public void close() {
    cursor.close();
  }
}
