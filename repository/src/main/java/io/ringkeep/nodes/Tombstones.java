package io.ringkeep.nodes;

/// Names of tombstones: an empty object `<key>.gone` with copies says that `<key>` was deleted
/// while a node was away, which may bring it back.
///
/// Tombstones of passphrases stay for good: a node may be set back to an old state at any time.
/// Others go when every node was seen without the object.
final class Tombstones {
  private static final String SUFFIX = ".gone";
  private static final String KEYS = "keys/";

  private Tombstones() {}

  /// The key of the tombstone of an object.
  static String of(String key) {
    return key + SUFFIX;
  }

  /// Whether a key is a tombstone's.
  static boolean is(String key) {
    return key.endsWith(SUFFIX);
  }

  /// The key of the object that a tombstone is for.
  static String object(String tombstone) {
    return tombstone.substring(0, tombstone.length() - SUFFIX.length());
  }

  /// Whether an object is remembered as deleted for good.
  static boolean forGood(String key) {
    return key.startsWith(KEYS);
  }
}
