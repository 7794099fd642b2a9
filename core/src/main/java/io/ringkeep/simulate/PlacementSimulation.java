package io.ringkeep.simulate;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.placement.ring.KetamaRing;
import io.ringkeep.placement.ring.Modulo;
import io.ringkeep.placement.ring.WeightedRendezvous;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Places objects on nodes in several ways, lets a node join and one leave, and measures how even
/// each way is and how much it moves.
public final class PlacementSimulation {
  /*
   * Names of nodes and keys carry the seed, so another seed is another throw of the dice. With few nodes one throw
   * says little: those are repeated, and the figures are means over the throws. All processors take part.
   */
  private static final int LEAST_OBJECTS = 20_000;
  private static final int NODES_OF_ALL_THROWS = 100;
  private static final int MOST_THROWS = 10;

  /// Fewest nodes that are simulated.
  public static final int LEAST_NODES = 2;

  /// Most nodes that are simulated.
  public static final int MOST_NODES = 1_000;

  /// Most objects for each node.
  public static final int MOST_OBJECTS_A_NODE = 10_000;

  private static final List<Scheme> SCHEMES =
      List.of(
          new KeyScheme("h(key) mod n", nodes -> new Modulo(nodes.size())),
          new KeyScheme(
              "Karger ring, 100 points",
              nodes -> KetamaRing.textbook(names(nodes), weights(nodes), 100)),
          new KeyScheme(
              "Ketama ring, 160 points", nodes -> new KetamaRing(names(nodes), weights(nodes))),
          new KeyScheme("weighted rendezvous", WeightedRendezvous::new),
          new TableScheme("Ringkeep, copy:1", new Strategy.Copies(1)),
          new TableScheme("Ringkeep, copy:3", new Strategy.Copies(3)),
          new TableScheme("Ringkeep, erasure:4+2", new Strategy.Erasure(4, 2)));

  private PlacementSimulation() {}

  /// What is simulated.
  ///
  /// @param nodeCounts numbers of nodes before one joins or leaves
  /// @param objectsPerNode objects placed for each node; there are 20,000 at least
  /// @param seed the same seed gives the same figures
  public record Request(List<Integer> nodeCounts, int objectsPerNode, long seed) {
    public Request {
      nodeCounts = List.copyOf(nodeCounts);
      for (int count : nodeCounts) {
        if (count < LEAST_NODES || count > MOST_NODES) {
          throw new InvalidRequest(
              "from %d to %d nodes can be simulated: nodes=%d"
                  .formatted(LEAST_NODES, MOST_NODES, count),
              "give numbers such as 3,12,100");
        }
      }
      if (nodeCounts.isEmpty() || objectsPerNode < 1 || objectsPerNode > MOST_OBJECTS_A_NODE) {
        throw new InvalidRequest(
            "from 1 to %d objects a node, and one number of nodes at least: objects=%d"
                .formatted(MOST_OBJECTS_A_NODE, objectsPerNode),
            null);
      }
    }
  }

  /// Names of the schemes, in the order of the outcomes.
  public static List<String> schemes() {
    return SCHEMES.stream().map(Scheme::name).toList();
  }

  /// Runs every scheme with every number of nodes, with equal and with unequal weights. A scheme
  /// that can't work with some nodes has no outcome for them.
  public static List<Outcome> run(Request request) {
    List<Supplier<Optional<Outcome>>> tasks = new ArrayList<>();
    for (Weights weights : Weights.values()) {
      for (int count : request.nodeCounts()) {
        for (Scheme scheme : SCHEMES) {
          tasks.add(() -> outcome(scheme, weights, count, request));
        }
      }
    }
    return tasks.parallelStream().map(Supplier::get).flatMap(Optional::stream).toList();
  }

  private static Optional<Outcome> outcome(
      Scheme scheme, Weights weights, int count, Request request) {
    int objects = Math.max(LEAST_OBJECTS, request.objectsPerNode() * count);
    int throwCount = Math.clamp(NODES_OF_ALL_THROWS / count, 1, MOST_THROWS);
    List<Outcome> throwOutcomes = new ArrayList<>();
    for (int i = 0; i < throwCount; i++) {
      Scenario scenario =
          Scenario.of(weights, count, objects, "%x-%d".formatted(request.seed(), i));
      scheme
          .measure(scenario)
          .map(measured -> Outcome.of(scheme.name(), scenario, measured))
          .ifPresent(throwOutcomes::add);
    }
    return throwOutcomes.isEmpty() ? Optional.empty() : Optional.of(Outcome.mean(throwOutcomes));
  }

  private static List<String> names(List<StorageNode> nodes) {
    return nodes.stream().map(StorageNode::id).toList();
  }

  private static int[] weights(List<StorageNode> nodes) {
    return nodes.stream().mapToInt(node -> (int) node.weight()).toArray();
  }
}
