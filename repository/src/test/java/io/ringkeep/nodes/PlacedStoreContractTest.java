package io.ringkeep.nodes;

import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectStoreContractTest;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;

/// Many nodes keep what every store promises.
class PlacedStoreContractTest extends ObjectStoreContractTest {
  @Override
  protected ObjectStore newStore() throws IOException {
    List<NodeSet.Place> places =
        Stream.of("a", "b", "c", "d", "e", "f")
            .map(id -> new NodeSet.Place(StorageNode.of(id), new MemoryStore()))
            .toList();
    return NodeSet.create(places, Strategy.parse("erasure:4+2"), Clock.systemUTC());
  }
}
