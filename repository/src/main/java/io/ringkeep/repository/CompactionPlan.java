package io.ringkeep.repository;

import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import java.util.ArrayList;
import java.util.List;

/// Which runs of a snapshot are merged: its newest ones, from one place on.
///
/// @param first number of the oldest run that is merged, from 0; all newer ones are merged, too
public record CompactionPlan(int first) {
  /*
   * What one backup or compaction wrote is a layer: several runs beside each other, none of which hides anything of
   * another. A merge takes the newest layers and goes on to older ones as long as they are not much larger than what
   * it has: the sizes of layers then grow like powers, each record is written again only so often as a logarithm
   * says, and the large layer at the bottom stays shared with older snapshots until the changes above it are a good
   * part of it.
   */

  /// An older layer is merged, too, if it is at most so many times as large as those above it.
  private static final int GROWTH = 2;

  /// Merges everything: what is left is one run, or one for each 64 GiB.
  public static final CompactionPlan WHOLE = new CompactionPlan(0);

  /// Merges as little as pays if a snapshot needs more than `most` layers; half of them are left at
  /// most. Merges nothing if it does not: [#first] is the number of all runs then.
  public static CompactionPlan leaving(int most, Manifest manifest) {
    List<RunDescriptor> runs = manifest.runs();
    List<Integer> starts = layerStarts(runs);
    if (starts.size() <= most) {
      return new CompactionPlan(runs.size());
    }
    int layer = starts.size() - 1;
    long bytes = storedBytes(runs, starts.get(layer), runs.size());
    while (layer > 0) {
      long next = storedBytes(runs, starts.get(layer - 1), starts.get(layer));
      if (layer + 1 <= Math.max(1, most / 2) && next > GROWTH * bytes) {
        break;
      }
      bytes += next;
      layer--;
    }
    return new CompactionPlan(starts.get(layer));
  }

  /// True if the snapshot would be what it is.
  public boolean mergesNothing(Manifest manifest) {
    List<RunDescriptor> merged = merged(manifest);
    return merged.isEmpty()
        || (merged.size() == 1 && (first > 0 || merged.getFirst().tombstones() == 0));
  }

  /// Length of the RDB bytes of all records that are merged.
  public long bytes(Manifest manifest) {
    return merged(manifest).stream().mapToLong(RunDescriptor::bytes).sum();
  }

  private List<RunDescriptor> merged(Manifest manifest) {
    return manifest.runs().subList(first, manifest.runs().size());
  }

  /// Where each layer begins in the list of runs.
  private static List<Integer> layerStarts(List<RunDescriptor> runs) {
    List<Integer> starts = new ArrayList<>();
    String before = "";
    for (int i = 0; i < runs.size(); i++) {
      String layer = layer(runs.get(i).id());
      if (!layer.equals(before)) {
        starts.add(i);
      }
      before = layer;
    }
    return starts;
  }

  /// A run's name is that of its writer, a dash, and a number.
  private static String layer(String run) {
    int dash = run.lastIndexOf('-');
    return dash < 0 ? run : run.substring(0, dash);
  }

  private static long storedBytes(List<RunDescriptor> runs, int from, int to) {
    return runs.subList(from, to).stream().mapToLong(RunDescriptor::storedBytes).sum();
  }
}
