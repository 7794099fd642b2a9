package io.ringkeep.advice;

import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import java.util.List;

/// One whole way of backing up.
///
/// @param strategy how pieces are spread
/// @param reach which places are used
/// @param nodes those, with the weights that they get
/// @param cadence how often what is read
/// @param retention which snapshots are kept
public record Plan(
    Strategy strategy, Reach reach, List<StorageNode> nodes, Cadence cadence, Retention retention) {
  public Plan {
    nodes = List.copyOf(nodes);
  }

  /// Which places are used.
  public enum Reach {
    /// Those nearby.
    LOCAL,
    /// Those far away.
    REMOTE,
    /// Pieces of each object on both.
    BOTH
  }

  /// True if the repository is one folder or bucket, without pieces.
  public boolean onePlace() {
    return nodes.size() == 1;
  }

  /// `erasure:4+2`, or `one place`.
  public String strategyText() {
    return onePlace() ? "one place" : strategy.toString();
  }

  /// What makes it another choice than a second plan, whatever is kept.
  String choice() {
    return strategyText() + ", " + cadence;
  }

  @Override
  public String toString() {
    return "%s on %d %s node%s, %s, forget %s"
        .formatted(
            strategyText(),
            nodes.size(),
            switch (reach) {
              case LOCAL -> "local";
              case REMOTE -> "remote";
              case BOTH -> "local and remote";
            },
            nodes.size() == 1 ? "" : "s",
            cadence,
            retention.options());
  }
}
