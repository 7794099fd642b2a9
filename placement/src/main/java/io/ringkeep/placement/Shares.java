package io.ringkeep.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How many pieces of a group each node should hold on average, and how many may share a zone.
public final class Shares {
  /*
   * A node holds one piece of a group at most, a zone `zoneLimit`. What is beyond that limit goes to the others in
   * proportion to their weights, first among zones, then within each. The limit is the lowest with which a group
   * still finds all its places: 1 where there are zones enough.
   */
  private static final double ROUNDING = 1e-9;

  private final int width;
  private final int zoneLimit;
  private final double[] shares;
  private final Map<String, List<Integer>> zones;

  /// Shares of groups of `width` pieces over `nodes`; only active ones have any.
  public Shares(List<StorageNode> nodes, int width) {
    this.zones = new LinkedHashMap<>();
    for (int node = 0; node < nodes.size(); node++) {
      if (nodes.get(node).active()) {
        zones.computeIfAbsent(nodes.get(node).zone(), zone -> new ArrayList<>()).add(node);
      }
    }
    this.width = Math.min(width, activeNodes());
    this.zoneLimit = lowestLimit();
    this.shares = new double[nodes.size()];
    spread(nodes);
  }

  /// Pieces of a group that each node should hold: 0 to 1.
  public double of(int node) {
    return shares[node];
  }

  /// Highest number of pieces of a group that may stand in one zone, at least 1.
  public int zoneLimit() {
    return zoneLimit;
  }

  /// Indexes of the active nodes by zone, in the order of the nodes.
  public Map<String, List<Integer>> zones() {
    return zones;
  }

  /// Number of active nodes.
  int activeNodes() {
    return zones.values().stream().mapToInt(List::size).sum();
  }

  /// Number of pieces of a group that find a place: the width, or fewer if nodes are.
  int placedPieces() {
    return width;
  }

  private int lowestLimit() {
    int limit = 1;
    while (places(limit) < width) {
      limit++;
    }
    return limit;
  }

  private int places(int limit) {
    return zones.values().stream().mapToInt(zone -> Math.min(limit, zone.size())).sum();
  }

  private void spread(List<StorageNode> nodes) {
    List<List<Integer>> members = List.copyOf(zones.values());
    double[] zoneWeights = new double[members.size()];
    double[] zoneCaps = new double[members.size()];
    for (int zone = 0; zone < zoneWeights.length; zone++) {
      zoneWeights[zone] = members.get(zone).stream().mapToDouble(n -> nodes.get(n).weight()).sum();
      zoneCaps[zone] = Math.min(zoneLimit, members.get(zone).size());
    }
    double[] ofZones = divide(width, zoneWeights, zoneCaps);
    for (int zone = 0; zone < zoneWeights.length; zone++) {
      List<Integer> inside = members.get(zone);
      double[] caps = new double[inside.size()];
      Arrays.fill(caps, 1);
      double[] ofNodes =
          divide(
              ofZones[zone],
              inside.stream().mapToDouble(n -> nodes.get(n).weight()).toArray(),
              caps);
      for (int i = 0; i < ofNodes.length; i++) {
        shares[inside.get(i)] = ofNodes[i];
      }
    }
  }

  /// `amount` by weight; who would get more than its cap gets the cap, and the others the rest.
  static double[] divide(double amount, double[] weights, double[] caps) {
    double[] parts = new double[weights.length];
    boolean[] full = new boolean[weights.length];
    double left = amount;
    boolean settled = false;
    while (!settled) {
      settled = true;
      double weight = 0;
      for (int i = 0; i < weights.length; i++) {
        weight += full[i] ? 0 : weights[i];
      }
      double given = 0;
      for (int i = 0; i < weights.length; i++) {
        if (!full[i]) {
          parts[i] = left * weights[i] / weight;
          if (parts[i] > caps[i] + ROUNDING) {
            parts[i] = caps[i];
            full[i] = true;
            given += caps[i];
            settled = false;
          }
        }
      }
      left -= given;
    }
    return parts;
  }
}
