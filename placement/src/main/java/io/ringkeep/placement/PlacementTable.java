package io.ringkeep.placement;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.Strategy.Sharded;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Which nodes hold the pieces of which objects, for one epoch: an immutable value that is
/// recorded, so that nobody has to compute it again.
///
/// Objects fall into groups, and each group names one node for each piece: `groups[g][i]` is the
/// index in `nodes` of the node that holds piece i of the objects of group g. `shard:N` has one
/// group whose N pieces are the N ranges of the ring; a node may hold several of them. With every
/// other strategy the nodes of a group differ, and stand in different zones where there are enough.
public final class PlacementTable {
  /*
   * How a table is made ("bounded straw2 with recorded placement"):
   *   1 keep     what the last table says and what still holds: positions are sticky, so piece i stays piece i
   *   2 propose  a node for each vacancy, by weighted rendezvous hashing over zones and nodes (TableDraft)
   *   3 level    until every node holds its weight's share (Leveler); only what is new moves, unless a node is
   *              further off than the slack
   * A joining node of weight w thereby takes w ÷ (W + w) of the pieces and nothing else moves; a leaving node gives
   * up its own and nothing else moves.
   *
   * Groups are a power of two, 64 a node, 256 to 8192. When nodes have become so many that more are needed, group g
   * splits into g and g + count with the same nodes: a split moves nothing. Groups never become fewer.
   *
   * A piece whose node is draining or lost stays where it is while no other node may take it, so a table always names
   * a node for each piece; `unplaced` counts these.
   *
   * Given up: a table of 8192 groups and 6 pieces is some 200 KB of JSON. It is written once an epoch.
   */
  private static final int GROUPS_A_NODE = 64;
  private static final int LEAST_GROUPS = 256;
  private static final int MOST_GROUPS = 8192;
  private static final double SLACK = 0.05;
  private static final double SLACK_OF_FEW = 0.10;
  private static final int FEW_NODES = 8;

  private final int epoch;
  private final Strategy strategy;
  private final List<StorageNode> nodes;
  private final int[][] groups;

  private PlacementTable(int epoch, Strategy strategy, List<StorageNode> nodes, int[][] groups) {
    this.epoch = epoch;
    this.strategy = strategy;
    this.nodes = List.copyOf(nodes);
    this.groups = groups;
  }

  /// The table as it was recorded.
  ///
  /// @param groups index in `nodes` for each group and piece
  /// @throws IllegalArgumentException if it is no table: a wrong shape, an index of no node, two
  ///   pieces of a group on one node
  public static PlacementTable of(
      int epoch, Strategy strategy, List<StorageNode> nodes, int[][] groups) {
    require(epoch >= 1, "epochs count from 1: epoch=" + epoch);
    requireDistinct(nodes);
    require(
        strategy instanceof Sharded
            ? groups.length == 1
            : groups.length >= 1 && Integer.bitCount(groups.length) == 1,
        "not the groups of " + strategy + ": groups=" + groups.length);
    for (int[] row : groups) {
      require(
          row.length == strategy.width()
              && Arrays.stream(row).allMatch(node -> node >= 0 && node < nodes.size())
              && (strategy instanceof Sharded
                  || Arrays.stream(row).distinct().count() == row.length),
          "not the nodes of a group: strategy=" + strategy + " group=" + Arrays.toString(row));
    }
    return new PlacementTable(epoch, strategy, nodes, copy(groups));
  }

  /// The first table of a repository.
  ///
  /// @throws InvalidRequest if [Feasibility] finds that it can't work
  public static PlacementTable first(List<StorageNode> nodes, Strategy strategy) {
    List<String> errors = Feasibility.of(nodes, strategy).errors();
    if (!errors.isEmpty()) {
      throw new InvalidRequest(
          strategy + " can't work with these nodes: " + String.join("; ", errors),
          "change nodes, weights, zones or strategy; 'simulate placement' shows what they do");
    }
    return make(1, strategy, sorted(nodes), null);
  }

  /// The table of the next epoch, after nodes have joined, left, been drained or lost, or have got
  /// another weight or zone, or for another strategy. What this table says stays where it may.
  ///
  /// Weights and zones are honoured as far as the nodes allow; [Feasibility] says how far that is.
  ///
  /// @throws InvalidRequest if a node that is no longer named holds pieces that no other may take,
  ///   or if no node is active
  public PlacementTable next(List<StorageNode> nodes, Strategy strategy) {
    requireDistinct(nodes);
    return make(epoch + 1, strategy, sorted(nodes), this);
  }

  /// Number of this table among those of its repository, from 1.
  public int epoch() {
    return epoch;
  }

  /// What the pieces of an object are.
  public Strategy strategy() {
    return strategy;
  }

  /// The nodes, ordered by id.
  public List<StorageNode> nodes() {
    return nodes;
  }

  /// A copy of the table: index in [#nodes] for each group and piece.
  public int[][] groups() {
    return copy(groups);
  }

  /// Number of groups: 1 for `shard:N`, else a power of two.
  public int groupCount() {
    return groups.length;
  }

  /// The group of an object by its name alone. Objects spread over groups as dice fall; whoever
  /// writes many and records where they went spreads them evenly by [#deal].
  public int group(String objectName) {
    return (int) (PlacementHash.ofObject(objectName) & (groups.length - 1));
  }

  /// Ids of the nodes that hold the pieces of an object: piece i on the i-th.
  public List<String> picks(String objectName) {
    return picks(group(objectName));
  }

  /// Ids of the nodes that hold the pieces of a group's objects: piece i on the i-th.
  public List<String> picks(int group) {
    return Arrays.stream(groups[group]).mapToObj(node -> nodes.get(node).id()).toList();
  }

  /// Deals out groups for objects that are written one after another, so that every node gets its
  /// share from the first thousand objects on.
  ///
  /// @param start what is written, a snapshot's id: different ones start at different groups
  public GroupDeal deal(String start) {
    return new GroupDeal(this, start);
  }

  /// Pieces of all groups that each node holds, by its index in [#nodes].
  public int[] load() {
    int[] load = new int[nodes.size()];
    for (int[] row : groups) {
      for (int node : row) {
        load[node]++;
      }
    }
    return load;
  }

  /// Part of all pieces, 0 to 1, that each node should hold, by its index in [#nodes]: its weight's
  /// share, as far as one node may hold it.
  public double[] shares() {
    int picks = strategy instanceof Sharded ? 1 : strategy.width();
    Shares shares = new Shares(nodes, picks);
    double[] parts = new double[nodes.size()];
    for (int node = 0; node < parts.length; node++) {
      parts[node] = shares.of(node) / shares.placedPieces();
    }
    return parts;
  }

  /// Number of pieces of all groups.
  public int pieceCount() {
    return groups.length * strategy.width();
  }

  /// Number of pieces of all groups that are on a node which is draining or lost, because no other
  /// node may take them.
  public int unplaced() {
    int unplaced = 0;
    int[] load = load();
    for (int node = 0; node < load.length; node++) {
      unplaced += nodes.get(node).active() ? 0 : load[node];
    }
    return unplaced;
  }

  /// Number of pieces of all groups that are on another node than in `before`. A piece that
  /// `before` did not have has moved.
  public int movedSince(PlacementTable before) {
    int moved = 0;
    for (int group = 0; group < groups.length; group++) {
      int[] old = before.groups[group % before.groups.length];
      for (int position = 0; position < groups[group].length; position++) {
        String id = nodes.get(groups[group][position]).id();
        if (position >= old.length || !before.nodes.get(old[position]).id().equals(id)) {
          moved++;
        }
      }
    }
    return moved;
  }

  @Override
  public String toString() {
    return "PlacementTable[epoch=%d strategy=%s nodes=%d groups=%d]"
        .formatted(epoch, strategy, nodes.size(), groups.length);
  }

  private static PlacementTable make(
      int epoch, Strategy strategy, List<StorageNode> nodes, @Nullable PlacementTable last) {
    boolean sharded = strategy instanceof Sharded;
    int[][] old = last == null ? new int[0][] : last.rowsFor(strategy);
    /* A range of shard:N is a row of its own here: ranges need no distinct nodes. */
    int rows = sharded ? strategy.width() : Math.max(old.length, groupsFor(nodes));
    int picks = sharded ? 1 : strategy.width();
    TableDraft draft = new TableDraft(nodes, rows, picks);
    Inheritance inheritance =
        new Inheritance(draft, last == null ? List.of() : last.nodes, old, /* split= */ !sharded);
    inheritance.keep();
    draft.fill();
    inheritance.leaveUnplaced();
    Leveler leveler = new Leveler(draft);
    leveler.levelMoved();
    leveler.levelAll(nodes.size() < FEW_NODES ? SLACK_OF_FEW : SLACK);
    return new PlacementTable(
        epoch, strategy, nodes, sharded ? new int[][] {column(draft.picks)} : draft.picks);
  }

  /// This table's rows as far as a table of `next` can go on from them, else none.
  private int[][] rowsFor(Strategy next) {
    if (next instanceof Sharded != strategy instanceof Sharded) {
      return new int[0][];
    }
    if (!(next instanceof Sharded)) {
      return groups;
    }
    int[][] rows = new int[groups[0].length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new int[] {groups[0][i]};
    }
    return rows;
  }

  private static int[] column(int[][] rows) {
    return Arrays.stream(rows).mapToInt(row -> row[0]).toArray();
  }

  private static int groupsFor(List<StorageNode> nodes) {
    int wanted = Math.max(GROUPS_A_NODE * nodes.size(), LEAST_GROUPS);
    return Math.min(Integer.highestOneBit(2 * wanted - 1), MOST_GROUPS);
  }

  private static List<StorageNode> sorted(List<StorageNode> nodes) {
    return nodes.stream().sorted(Comparator.comparing(StorageNode::id)).toList();
  }

  private static int[][] copy(int[][] rows) {
    return Arrays.stream(rows).map(int[]::clone).toArray(int[][]::new);
  }

  private static void requireDistinct(List<StorageNode> nodes) {
    Set<String> ids =
        nodes.stream().map(StorageNode::id).collect(Collectors.toCollection(HashSet::new));
    require(ids.size() == nodes.size(), "two nodes have the same id: " + nodes);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
