package io.ringkeep.repository.run;

import io.ringkeep.repository.manifest.Contents;
import io.ringkeep.repository.manifest.RunDescriptor;
import java.util.List;

/// What one shard, or all of them, left in the repository.
///
/// @param runs each shard's in the order they were written
/// @param contents what lies in them
/// @param sums of the fingerprints of all records, slot by slot
public record ShardContents(List<RunDescriptor> runs, Contents contents, SlotSums sums) {
  public ShardContents {
    runs = List.copyOf(runs);
  }
}
