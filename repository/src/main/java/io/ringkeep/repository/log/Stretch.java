package io.ringkeep.repository.log;

import java.util.List;

/// Segments that follow one another without a gap, over failovers too.
///
/// @param names of its segments, at least one
/// @param hole what is missing right before it although its first segment says that something was
///   there; empty if nothing is
public record Stretch(List<SegmentName> names, String hole) {
  public Stretch {
    names = List.copyOf(names);
  }

  /// Offset of its first byte.
  public long start() {
    return names.getFirst().start();
  }

  /// Offset behind its last byte.
  public long end() {
    return names.getLast().end();
  }

  /// History of its last byte.
  public String replid() {
    return names.getLast().replid();
  }

  /// History that the bytes up to `offset` belong to.
  public String replidAt(long offset) {
    return names.stream()
        .filter(name -> offset <= name.end())
        .findFirst()
        .orElse(names.getLast())
        .replid();
  }

  /// Number of its segments.
  public int segments() {
    return names.size();
  }

  /// Every history that it went through, oldest first.
  public List<String> replids() {
    return names.stream().map(SegmentName::replid).distinct().toList();
  }

  /// Whether a dataset at `offset` of the history `replid` stands on this stretch, so that its
  /// bytes can follow.
  public boolean holds(String replid, long offset) {
    return offset >= start()
        && names.stream().anyMatch(name -> name.replid().equals(replid) && offset <= name.end());
  }
}
