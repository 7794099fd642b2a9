package io.ringkeep.placement;

import java.util.regex.Pattern;

/// A place that holds pieces: a folder, a bucket, a server. Where it is reached, and as whom, is
/// said elsewhere.
///
/// @param id its name, for good: 1 to 63 letters, digits, `.`, `_` or `-`, a letter or digit first
/// @param weight how much it holds compared with the others, above 0; 2 holds twice what 1 does
/// @param zone what fails as one: nodes of a zone share a rack, a building, a provider
/// @param tier how near it is
/// @param state whether it may be given pieces
public record StorageNode(String id, double weight, String zone, Tier tier, State state) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  /// The widest range of weights: above it, shares of a table could not be told apart.
  private static final double MOST_WEIGHT = 1e6;

  /// How near a node is: recovery reads local pieces first.
  public enum Tier {
    /// On this machine or in its network.
    LOCAL,
    /// Elsewhere.
    REMOTE
  }

  /// Whether a node may be given pieces.
  public enum State {
    /// Holds pieces and is given more.
    ACTIVE,
    /// Still read; its pieces go elsewhere as soon as another node can take them.
    DRAINING,
    /// Gone with what it held; its pieces are rebuilt elsewhere as soon as another node can take
    /// them.
    LOST
  }

  public StorageNode {
    if (!NAME.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "a node's id has 1 to 63 letters, digits, '.', '_' or '-': id=" + id);
    }
    if (!NAME.matcher(zone).matches()) {
      throw new IllegalArgumentException(
          "a zone has 1 to 63 letters, digits, '.', '_' or '-': node=" + id + " zone=" + zone);
    }
    if (!(weight >= 1 / MOST_WEIGHT && weight <= MOST_WEIGHT)) {
      throw new IllegalArgumentException(
          "a weight lies between 0.000001 and 1000000: node=" + id + " weight=" + weight);
    }
  }

  /// An active local node of weight 1 in a zone of its own.
  public static StorageNode of(String id) {
    return new StorageNode(id, 1, id, Tier.LOCAL, State.ACTIVE);
  }

  /// The same node with another weight.
  public StorageNode withWeight(double other) {
    return new StorageNode(id, other, zone, tier, state);
  }

  /// The same node in another zone.
  public StorageNode withZone(String other) {
    return new StorageNode(id, weight, other, tier, state);
  }

  /// The same node, nearer or farther.
  public StorageNode withTier(Tier other) {
    return new StorageNode(id, weight, zone, other, state);
  }

  /// The same node in another state.
  public StorageNode withState(State other) {
    return new StorageNode(id, weight, zone, tier, other);
  }

  /// Whether it may be given pieces.
  public boolean active() {
    return state == State.ACTIVE;
  }
}
