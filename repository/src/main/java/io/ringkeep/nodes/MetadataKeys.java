package io.ringkeep.nodes;

/// What the key of an object that does not lie in pieces says of how it is kept.
final class MetadataKeys {
  private MetadataKeys() {}

  /// Whether an object lives on the deciding node alone.
  static boolean fleeting(String key) {
    return key.startsWith("control/") && !key.startsWith("control/lease/");
  }

  /// Whether an object is a lease's sign of life.
  static boolean heartbeat(String key) {
    return key.startsWith("control/heartbeat/");
  }

  /// Whether an object belongs to a chain, which must have no gaps and loses no links.
  static boolean inChain(String key) {
    return key.startsWith("control/lease/")
        || (key.startsWith("caches/") && key.contains("/ledger/"));
  }

  /// Whether an object of a node is one of those that have copies.
  static boolean copied(String key) {
    return !fleeting(key) && !PlacedStore.ofNodes(key) && PieceName.parse(key).isEmpty();
  }
}
