package io.ringkeep.retention;

import java.util.List;

/// What becomes of a snapshot, and why.
///
/// @param snapshot that it is about
/// @param kept whether it stays
/// @param reasons at least one, for people: each rule that keeps it, or why none does
public record Verdict(Candidate snapshot, boolean kept, List<String> reasons) {
  public Verdict {
    reasons = List.copyOf(reasons);
  }

  /// The reasons in one line.
  public String why() {
    return String.join(", ", reasons);
  }
}
