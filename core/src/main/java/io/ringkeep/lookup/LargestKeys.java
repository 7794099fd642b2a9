package io.ringkeep.lookup;

import io.ringkeep.lookup.KeyScan.Listed;
import io.ringkeep.lookup.KeyScan.Seen;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// The keys whose values take most, of all that were seen.
public final class LargestKeys {
  private final int most;
  private final PriorityQueue<Listed> largest =
      new PriorityQueue<>(Comparator.comparingLong(Listed::bytes));

  /// None yet.
  ///
  /// @param most how many are kept
  public LargestKeys(int most) {
    this.most = most;
  }

  /// Looks at a key.
  public void add(Seen seen) {
    Listed least = largest.peek();
    if (largest.size() < most || (least != null && seen.bytes() > least.bytes())) {
      largest.add(seen.listed());
      if (largest.size() > most) {
        largest.poll();
      }
    }
  }

  /// Those that are kept, the largest first.
  public List<Listed> inOrder() {
    List<Listed> sorted = new ArrayList<>(largest);
    sorted.sort(Comparator.comparingLong(Listed::bytes).reversed().thenComparing(Listed::key));
    return sorted;
  }
}
