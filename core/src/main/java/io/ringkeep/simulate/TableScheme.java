package io.ringkeep.simulate;

import io.ringkeep.placement.Feasibility;
import io.ringkeep.placement.GroupDeal;
import io.ringkeep.placement.PlacementTable;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The product's own: objects are dealt over the groups of a recorded table.
record TableScheme(String name, Strategy strategy) implements Scheme {
  @Override
  public Optional<Measured> measure(Scenario scenario) {
    if (!Feasibility.of(scenario.nodes(), strategy).feasible()) {
      return Optional.empty();
    }
    PlacementTable table = PlacementTable.first(scenario.nodes(), strategy);
    int[][] groups = table.groups();
    long[] held = new long[scenario.nodes().size()];
    GroupDeal deal = table.deal(scenario.keys().get(0));
    for (int object = 0; object < scenario.keys().size(); object++) {
      for (int node : groups[deal.next()]) {
        held[node]++;
      }
    }
    return Optional.of(
        new Measured(
            Arrays.stream(held).boxed().toList(),
            moved(table, scenario.joined()),
            scenario.left().size() < strategy.width()
                ? Optional.empty()
                : Optional.of(moved(table, scenario.left()))));
  }

  private double moved(PlacementTable table, List<StorageNode> nodes) {
    PlacementTable next = table.next(nodes, strategy);
    return (double) next.movedSince(table) / next.pieceCount();
  }
}
