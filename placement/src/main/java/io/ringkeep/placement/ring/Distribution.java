package io.ringkeep.placement.ring;

/// Which of several nodes a key belongs to: a pure function of the key and the nodes. Thread-safe.
public interface Distribution {
  /// Index of the key's node in the list that this was made from.
  int node(String key);
}
