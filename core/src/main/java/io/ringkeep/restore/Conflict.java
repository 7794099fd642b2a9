package io.ringkeep.restore;

/// What happens to a key of the target that has the name of one that is restored.
public enum Conflict {
  /// Nothing is written if there is any.
  FAIL,
  /// It stays.
  SKIP,
  /// It is replaced.
  REPLACE
}
