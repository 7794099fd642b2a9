package io.ringkeep.repository.log;

/// What a command at some place of the stream depends on, beside the dataset.
///
/// @param database that commands go to
/// @param insideTransaction whether `MULTI` has come and its `EXEC` has not
public record StreamState(int database, boolean insideTransaction) {
  /// Of a link whose primary has said nothing yet.
  public static final StreamState INITIAL = new StreamState(0, /* insideTransaction= */ false);

  public StreamState {
    if (database < 0) {
      throw new IllegalArgumentException("database=" + database);
    }
  }
}
