package io.ringkeep.restore;

/// What happens to data that is on the target already.
public enum Existing {
  /// The restore is refused.
  REFUSE,
  /// All of it is removed: afterwards the target holds the snapshot and nothing else.
  REPLACE,
  /// Keys of the snapshot replace keys of the same name; all others stay.
  MERGE
}
