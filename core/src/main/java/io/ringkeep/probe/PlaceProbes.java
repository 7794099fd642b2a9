package io.ringkeep.probe;

import io.ringkeep.advice.StoragePlace;
import io.ringkeep.config.ConfigFile.NodeEntry;
import io.ringkeep.place.RepositoryPlace;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.url.StoreUrl;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// Places of a repository, each measured by itself.
///
/// @param roundTrip of the farthest
public record PlaceProbes(List<StoragePlace> places, Duration roundTrip) {
  /// Stands in for the room of a place that does not tell it.
  private static final long UNTOLD_BYTES = 1L << 50;

  public PlaceProbes {
    places = List.copyOf(places);
  }

  /// Measures them one after the other.
  ///
  /// @param environment where secrets are looked for
  /// @throws IOException if one can't be reached, or takes nothing
  public static PlaceProbes of(
      RepositoryPlace place, Map<String, String> environment, LongSupplier nanoTime)
      throws IOException {
    List<StoragePlace> measured = new ArrayList<>();
    Duration farthest = Duration.ZERO;
    List<NodeEntry> nodes =
        switch (place) {
          case RepositoryPlace.Single single ->
              List.of(new NodeEntry(StorageNode.of("a"), single.url().toString(), /* line= */ 1));
          case RepositoryPlace.Many many -> many.nodes();
        };
    for (NodeEntry entry : nodes) {
      StoreUrl url =
          place instanceof RepositoryPlace.Single single
              ? single.url()
              : StoreUrl.parse(entry.url());
      try (ObjectStore store = url.open(environment)) {
        PlaceProbe probe = PlaceProbe.of(store, nanoTime);
        farthest = probe.roundTrip().compareTo(farthest) > 0 ? probe.roundTrip() : farthest;
        StorageNode node = entry.node();
        measured.add(
            new StoragePlace(
                node.id(),
                entry.url(),
                node.zone(),
                node.tier(),
                probe.bytesPerSecond(),
                Math.max(1, probe.freeBytes().orElse(UNTOLD_BYTES))));
      }
    }
    return new PlaceProbes(measured, farthest);
  }
}
