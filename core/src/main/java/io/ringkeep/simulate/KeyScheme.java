package io.ringkeep.simulate;

import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.ring.Distribution;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Each key is on one node, found by hashing.
record KeyScheme(String name, Function<List<StorageNode>, Distribution> make) implements Scheme {
  @Override
  public Optional<Measured> measure(Scenario scenario) {
    Distribution now = make.apply(scenario.nodes());
    Distribution joined = make.apply(scenario.joined());
    Distribution left = make.apply(scenario.left());
    int gone = scenario.nodes().size() / 2;
    long[] held = new long[scenario.nodes().size()];
    int movedByJoin = 0;
    int movedByLeave = 0;
    for (String key : scenario.keys()) {
      int node = now.node(key);
      held[node]++;
      movedByJoin += joined.node(key) == node ? 0 : 1;
      int after = left.node(key);
      movedByLeave += (after < gone ? after : after + 1) == node ? 0 : 1;
    }
    double all = scenario.keys().size();
    return Optional.of(
        new Measured(
            Arrays.stream(held).boxed().toList(),
            movedByJoin / all,
            Optional.of(movedByLeave / all)));
  }
}
