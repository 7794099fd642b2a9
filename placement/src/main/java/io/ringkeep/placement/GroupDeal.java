package io.ringkeep.placement;

/// Deals out the groups of a table for objects that are written one after another.
///
/// Every group is dealt once before any is dealt again. Not thread-safe.
public final class GroupDeal {
  /*
   * Of the groups that are left, the one is dealt whose nodes have got least so far, compared with their shares. A
   * thousand objects over 100 nodes then leave each node at most a piece or two off its share, where drawing groups
   * by their names' hashes leaves it off by the square root of what it holds. Later rounds repeat the first. Cost: a
   * look at each group that is left, 20 µs for the largest tables, beside megabytes to write.
   */
  private final PlacementTable table;
  private final int[][] groups;
  private final int[] order;
  private final double[] fill;
  private final double[] shares;
  private int dealt;
  private boolean complete;

  GroupDeal(PlacementTable table, String start) {
    this.table = table;
    this.groups = table.groups();
    this.order = new int[groups.length];
    this.shares = table.shares();
    this.fill = new double[shares.length];
    int first = table.group(start);
    for (int i = 0; i < order.length; i++) {
      order[i] = (first + i) % order.length;
    }
  }

  /// The group for the next object.
  public int next() {
    if (dealt == order.length) {
      dealt = 0;
      complete = true;
    }
    int at = dealt++;
    return complete ? order[at] : choose(at);
  }

  private int choose(int at) {
    int best = at;
    double least = Double.POSITIVE_INFINITY;
    for (int i = at; i < order.length; i++) {
      double sum = 0;
      for (int node : groups[order[i]]) {
        sum += fill[node];
      }
      if (sum < least) {
        least = sum;
        best = i;
      }
    }
    int group = order[best];
    order[best] = order[at];
    order[at] = group;
    for (int node : groups[group]) {
      fill[node] += shares[node] > 0 ? 1 / shares[node] : 0;
    }
    return group;
  }

  /// The table whose groups are dealt.
  public PlacementTable table() {
    return table;
  }
}
