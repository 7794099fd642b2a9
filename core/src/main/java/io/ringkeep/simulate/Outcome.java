package io.ringkeep.simulate;

import io.ringkeep.placement.StorageNode;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// What a scheme did with some nodes. Parts are of all pieces, 0 to 1.
///
/// @param scheme its name
/// @param nodes number of nodes before one joined or left
/// @param weights how they were weighted
/// @param maxOverMean what the fullest node held, compared with its weight's share; 1 is perfect
/// @param spread standard deviation of what nodes held compared with their shares; 0 is perfect
/// @param movedByJoin part that moved when a node joined
/// @param leastMovedByJoin part that had to move: the node's share
/// @param movedByLeave part that moved when a node left; empty where too few would be left
/// @param leastMovedByLeave part that had to move: what the node had
public record Outcome(
    String scheme,
    int nodes,
    Weights weights,
    double maxOverMean,
    double spread,
    double movedByJoin,
    double leastMovedByJoin,
    Optional<Double> movedByLeave,
    double leastMovedByLeave) {

  static Outcome of(String scheme, Scenario scenario, Scheme.Measured measured) {
    List<StorageNode> nodes = scenario.nodes();
    double weight = Scenario.weightOf(nodes);
    double pieces = measured.held().stream().mapToLong(Long::longValue).sum();
    double max = 0;
    double squares = 0;
    for (int node = 0; node < nodes.size(); node++) {
      double ratio = measured.held().get(node) / (pieces * nodes.get(node).weight() / weight);
      max = Math.max(max, ratio);
      squares += (ratio - 1) * (ratio - 1);
    }
    return new Outcome(
        scheme,
        nodes.size(),
        scenario.weights(),
        max,
        Math.sqrt(squares / nodes.size()),
        measured.movedByJoin(),
        scenario.leastMovedByJoin(),
        measured.movedByLeave(),
        scenario.leastMovedByLeave());
  }

  /// The mean of outcomes of one scheme with the same number of nodes.
  static Outcome mean(List<Outcome> all) {
    Outcome first = all.get(0);
    return new Outcome(
        first.scheme,
        first.nodes,
        first.weights,
        mean(all, Outcome::maxOverMean),
        mean(all, Outcome::spread),
        mean(all, Outcome::movedByJoin),
        first.leastMovedByJoin,
        first.movedByLeave.map(any -> mean(all, outcome -> outcome.movedByLeave.orElseThrow())),
        first.leastMovedByLeave);
  }

  private static double mean(List<Outcome> all, ToDoubleFunction<Outcome> figure) {
    return all.stream().mapToDouble(figure).average().orElseThrow();
  }
}
