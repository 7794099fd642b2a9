package io.ringkeep.nodes;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a look at all nodes found, and what was done about it. Filled by one thread.
public final class NodeFindings {
  private final Map<String, String> away = new TreeMap<>();
  private final List<String> adopted = new ArrayList<>();
  private boolean adoptedWithLosses;
  private final List<String> damaged = new ArrayList<>();
  private final List<String> differing = new ArrayList<>();
  private final List<String> lost = new ArrayList<>();
  private final Map<String, String> failed = new TreeMap<>();
  private long objects;
  private long degraded;
  private long pieces;
  private long misplaced;
  private long readBytes;
  private long missing;
  private long wanting;
  private long rebuilt;
  private long rebuiltBytes;
  private long moved;
  private long movedBytes;
  private long copied;
  private long removed;

  /// Nodes that were left alone, and why.
  public Map<String, String> away() {
    return away;
  }

  /// Wiped nodes that were taken in again.
  public List<String> adopted() {
    return adopted;
  }

  /// Whether one of them was taken in under a strategy by which no other node had what it held. It
  /// is not missed then, as far as one can tell without a key.
  public boolean adoptedWithLosses() {
    return adoptedWithLosses;
  }

  /// Pieces and copies that are there but not what was written, as `node: key`.
  public List<String> damaged() {
    return damaged;
  }

  /// Copies that are whole but not what most nodes have, as `node: key`.
  public List<String> differing() {
    return differing;
  }

  /// Objects of which too little is left, or answers.
  public List<String> lost() {
    return lost;
  }

  /// What could not be read, written or deleted, as `node: key`, and why.
  public Map<String, String> failed() {
    return failed;
  }

  /// Objects that lie in pieces.
  public long objects() {
    return objects;
  }

  /// How many of them lacked a piece, or had a damaged one, when they were looked at.
  public long degraded() {
    return degraded;
  }

  /// Pieces that were found.
  public long pieces() {
    return pieces;
  }

  /// Pieces that lay on another node than they belong to.
  public long misplaced() {
    return misplaced;
  }

  /// Bytes of pieces and copies that were read and compared.
  public long readBytes() {
    return readBytes;
  }

  /// Pieces and copies that should have been there and were not.
  public long missing() {
    return missing;
  }

  /// Pieces and copies that are still missing or damaged, or lie on a node that is left alone.
  public long wanting() {
    return wanting;
  }

  /// Pieces that were made anew.
  public long rebuilt() {
    return rebuilt;
  }

  /// Length of those.
  public long rebuiltBytes() {
    return rebuiltBytes;
  }

  /// Pieces that were moved to where they belong.
  public long moved() {
    return moved;
  }

  /// Length of those.
  public long movedBytes() {
    return movedBytes;
  }

  /// Objects that do not lie in pieces of which a copy was made.
  public long copied() {
    return copied;
  }

  /// Pieces and copies that were removed where they do not belong, or that were deleted while their
  /// node was away.
  public long removed() {
    return removed;
  }

  /// Whether every object has all its pieces and copies now, on nodes that answer.
  public boolean healthy() {
    return away.isEmpty()
        && lost.isEmpty()
        && !adoptedWithLosses
        && failed.isEmpty()
        && wanting == 0
        && differing.isEmpty();
  }

  void addAway(Node node) {
    away.put(node.id(), node.why());
  }

  /// @param withLosses whether nobody else had what it held
  void addAdopted(Node node, boolean withLosses) {
    adopted.add(node.id());
    adoptedWithLosses |= withLosses;
  }

  void addDamaged(Node node, String key) {
    damaged.add(node.id() + ": " + key);
  }

  /// @param mended whether it was replaced
  void addDiffering(Node node, String key, boolean mended) {
    if (!mended) {
      differing.add(node.id() + ": " + key);
    }
  }

  void addLost(String object) {
    lost.add(object);
  }

  void addFailed(Node node, String key, String why) {
    failed.put(node.id() + ": " + key, why);
  }

  /// Takes note of an object in pieces.
  ///
  /// @param found number of its pieces
  /// @param absent how many are missing or damaged
  void addObject(long found, long absent, long elsewhere) {
    objects++;
    pieces += found;
    missing += absent;
    wanting += absent;
    misplaced += elsewhere;
    if (absent > 0) {
      degraded++;
    }
  }

  void addRead(long bytes) {
    readBytes += bytes;
  }

  /// Takes note of copies that are missing or damaged.
  void addMissingCopies(long count) {
    missing += count;
    wanting += count;
  }

  void addRebuilt(long bytes) {
    wanting--;
    rebuilt++;
    rebuiltBytes += bytes;
  }

  void addMoved(long bytes) {
    moved++;
    movedBytes += bytes;
  }

  void addCopied() {
    wanting--;
    copied++;
  }

  void addRemoved() {
    removed++;
  }
}
