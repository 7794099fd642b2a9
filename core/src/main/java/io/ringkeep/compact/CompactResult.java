package io.ringkeep.compact;

import io.ringkeep.repository.manifest.Manifest;
import java.time.Duration;
import java.util.List;

/// A snapshot that has fewer runs now.
///
/// @param before what it was
/// @param after what it is
/// @param shared ids of later snapshots that stand on the new runs, too
/// @param elapsed how long that took
public record CompactResult(
    Manifest before, Manifest after, List<String> shared, Duration elapsed) {
  public CompactResult {
    shared = List.copyOf(shared);
  }
}
