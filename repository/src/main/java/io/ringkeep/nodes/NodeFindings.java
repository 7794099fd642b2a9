package io.ringkeep.nodes;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a look at all nodes found, and what was done about it. Filled by one thread.
public final class NodeFindings {
  private final Map<String, String> away = new TreeMap<>();
  private final List<String> adopted = new ArrayList<>();
  private final List<String> damaged = new ArrayList<>();
  private final List<String> lost = new ArrayList<>();
  private final Map<String, String> failed = new TreeMap<>();
  private long objects;
  private long degraded;
  private long pieces;
  private long readBytes;
  private long missing;
  private long wanting;
  private long rebuilt;
  private long rebuiltBytes;
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

  /// Pieces and copies that are there but not what was written, as `node: key`.
  public List<String> damaged() {
    return damaged;
  }

  /// Objects of which too few pieces are left.
  public List<String> lost() {
    return lost;
  }

  /// Pieces that could not be made, as `node: key`, and why.
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

  /// Bytes of pieces that were read and compared.
  public long readBytes() {
    return readBytes;
  }

  /// Pieces and copies that should have been there and were not.
  public long missing() {
    return missing;
  }

  /// Pieces that were made anew.
  public long rebuilt() {
    return rebuilt;
  }

  /// Length of those.
  public long rebuiltBytes() {
    return rebuiltBytes;
  }

  /// Objects that do not lie in pieces of which a copy was made.
  public long copied() {
    return copied;
  }

  /// Pieces that were removed where they no longer belong.
  public long removed() {
    return removed;
  }

  /// Whether every object has all its pieces and copies now, on nodes that answer.
  public boolean healthy() {
    return away.isEmpty() && lost.isEmpty() && failed.isEmpty() && wanting == 0;
  }

  void addAway(Node node) {
    away.put(node.id(), node.away().orElse("it does not answer"));
  }

  void addAdopted(Node node) {
    adopted.add(node.id());
  }

  void addDamaged(Node node, String key) {
    damaged.add(node.id() + ": " + key);
  }

  void addLost(String object) {
    lost.add(object);
  }

  void addFailed(Node node, String key, String why) {
    failed.put(node.id() + ": " + key, why);
  }

  void addObject(int found, int absent) {
    objects++;
    pieces += found;
    missing += absent;
    if (absent > 0) {
      degraded++;
    }
  }

  void addRead(long bytes) {
    readBytes += bytes;
  }

  void addMissing() {
    missing++;
  }

  /// Something has to be made anew.
  void addWanting() {
    wanting++;
  }

  void addRebuilt(long bytes) {
    wanting--;
    rebuilt++;
    rebuiltBytes += bytes;
  }

  void addCopied() {
    wanting--;
    copied++;
  }

  void addRemoved() {
    removed++;
  }
}
