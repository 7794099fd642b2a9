package io.ringkeep.placement;

import java.util.Arrays;
import java.util.List;

/// A table while it is made: what the last table says and may stay, then what is proposed for the
/// vacancies. [Leveler] evens it out.
final class TableDraft {
  /*
   * A vacancy of a group goes to the zone, then to the node within it, that draws the highest score: weighted
   * rendezvous hashing at two levels, as CRUSH's straw2 does it. A zone that already holds c pieces of the group
   * draws with the number c, and does not draw when it holds `zoneLimit`.
   *
   * Cost: a draw for each zone and vacancy and for each node of the zone that wins, some nanoseconds each.
   */
  static final int VACANT = -1;

  final List<StorageNode> nodes;
  final Shares shares;

  /// Index of the node that holds piece `position` of `group`, or [#VACANT].
  final int[][] picks;

  /// Whether a piece has moved since the last table.
  final boolean[][] moved;

  /// Pieces that each node holds.
  final int[] load;

  final long[] nodeHashes;
  private final long[] zoneHashes;
  private final int[] zoneOf;
  private final double[] zoneWeights;
  private final int[][] members;

  /// A draft of `groups` × `width` vacancies.
  TableDraft(List<StorageNode> nodes, int groups, int width) {
    this.nodes = nodes;
    this.shares = new Shares(nodes, width);
    this.picks = new int[groups][width];
    for (int[] row : picks) {
      Arrays.fill(row, VACANT);
    }
    this.moved = new boolean[groups][width];
    this.load = new int[nodes.size()];
    this.nodeHashes = nodes.stream().mapToLong(n -> PlacementHash.ofNode(n.id())).toArray();
    List<String> zones = List.copyOf(shares.zones().keySet());
    List<List<Integer>> inZones = List.copyOf(shares.zones().values());
    this.zoneHashes = zones.stream().mapToLong(PlacementHash::ofZone).toArray();
    this.zoneOf = nodes.stream().mapToInt(node -> zones.indexOf(node.zone())).toArray();
    this.members = new int[zones.size()][];
    this.zoneWeights = new double[zones.size()];
    for (int zone = 0; zone < members.length; zone++) {
      members[zone] = inZones.get(zone).stream().mapToInt(Integer::intValue).toArray();
      zoneWeights[zone] =
          Arrays.stream(members[zone]).mapToDouble(node -> nodes.get(node).weight()).sum();
    }
  }

  /// Gives a vacancy to `node`.
  void put(int group, int position, int node) {
    picks[group][position] = node;
    load[node]++;
  }

  /// Makes a place vacant; what comes there has moved.
  void vacate(int group, int position) {
    load[picks[group][position]]--;
    picks[group][position] = VACANT;
    moved[group][position] = true;
  }

  /// Whether `node` may hold piece `position` of `group` in the place of who holds it now.
  boolean fits(int group, int position, int node) {
    int[] row = picks[group];
    int sameZone = 0;
    for (int other = 0; other < row.length; other++) {
      if (row[other] == node) {
        return false;
      }
      if (other != position && row[other] != VACANT && zoneOf[row[other]] == zoneOf[node]) {
        sameZone += nodes.get(row[other]).active() ? 1 : 0;
      }
    }
    return sameZone < shares.zoneLimit();
  }

  /// Fills every vacancy for which an active node is left.
  void fill() {
    for (int group = 0; group < picks.length; group++) {
      for (int position = 0; position < picks[group].length; position++) {
        if (picks[group][position] == VACANT) {
          int zone = highestZone(group);
          if (zone >= 0) {
            put(group, position, highestNode(group, zone));
            moved[group][position] = true;
          }
        }
      }
    }
  }

  private int highestZone(int group) {
    int[] held = new int[members.length];
    for (int node : picks[group]) {
      if (node != VACANT && nodes.get(node).active()) {
        held[zoneOf[node]]++;
      }
    }
    int highest = -1;
    double best = 0;
    for (int zone = 0; zone < members.length; zone++) {
      if (held[zone] < Math.min(shares.zoneLimit(), members[zone].length)) {
        long subject = ((long) held[zone] << 32) | group;
        double unit = PlacementHash.unit(PlacementHash.draw(zoneHashes[zone], subject));
        if (PlacementHash.mayExceed(zoneWeights[zone], unit, best)) {
          double score = PlacementHash.score(zoneWeights[zone], unit);
          if (score > best) {
            best = score;
            highest = zone;
          }
        }
      }
    }
    return highest;
  }

  private int highestNode(int group, int zone) {
    int highest = -1;
    double best = 0;
    for (int node : members[zone]) {
      if (holds(group, node)) {
        continue;
      }
      double unit = PlacementHash.unit(PlacementHash.draw(nodeHashes[node], group));
      double score = PlacementHash.score(nodes.get(node).weight(), unit);
      if (score > best) {
        best = score;
        highest = node;
      }
    }
    return highest;
  }

  /// Number of pieces of `group` on active nodes of the zone of `node`.
  int zoneCount(int group, int node) {
    int count = 0;
    for (int pick : picks[group]) {
      if (pick != VACANT && zoneOf[pick] == zoneOf[node] && nodes.get(pick).active()) {
        count++;
      }
    }
    return count;
  }

  private boolean holds(int group, int node) {
    for (int pick : picks[group]) {
      if (pick == node) {
        return true;
      }
    }
    return false;
  }
}
