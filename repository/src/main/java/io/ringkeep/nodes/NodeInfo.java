package io.ringkeep.nodes;

import io.ringkeep.placement.StorageNode;

/// A node of the set as it is now.
///
/// @param node what the newest epoch says of it
/// @param location where it was looked for, for people
/// @param condition how it is
/// @param why what is wrong with it; empty if nothing is
/// @param decides whether it is the one that decides what is committed
/// @param hasCopies whether it has copies of what does not lie in pieces
public record NodeInfo(
    StorageNode node,
    String location,
    Condition condition,
    String why,
    boolean decides,
    boolean hasCopies) {
  /// How a node is.
  public enum Condition {
    /// It answers.
    OK,
    /// It does not answer, or nobody said where it is.
    AWAY,
    /// It answers and is empty. A disk that is not mounted looks the same, so nothing is written
    /// there until someone asks for it.
    WIPED,
    /// It belongs to another repository, or is another node of this one.
    FOREIGN,
    /// It lacks what was decided about the nodes while it was away. It is read, and written to.
    STALE,
    /// It is read, and refuses to be written to.
    READ_ONLY,
    /// It is read, and has no room.
    FULL,
    /// It does not do what commits and pieces rely on, such as to create an object only once.
    UNFIT
  }
}
