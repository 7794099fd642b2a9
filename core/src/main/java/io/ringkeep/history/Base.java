package io.ringkeep.history;

import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ManifestShard;
import java.util.Arrays;
import java.util.List;

/// A snapshot that stands on the log of a shard.
///
/// @param manifest the snapshot
/// @param shard of it
public record Base(Manifest manifest, ManifestShard shard) {
  /// Where its shard's stream goes on.
  public long offset() {
    return shard.offset();
  }

  /// The slots of the snapshot that came from this shard; all where there are none.
  public List<SlotRange> slots() {
    return slots(shard.slots());
  }

  /// Reads slots such as `0-5460,9000`.
  public static List<SlotRange> slots(String text) {
    return text.isEmpty()
        ? List.of(SlotRange.ALL)
        : Arrays.stream(text.split(",", -1)).map(SlotRange::parse).toList();
  }
}
