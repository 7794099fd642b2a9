package io.ringkeep.repository.run;

import io.ringkeep.model.Position;
import io.ringkeep.model.Record;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.repository.run.TestRecords.Place;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Runs of changes, as an incremental backup writes them.
public final class TestRuns {
  private TestRuns() {}

  /// Writes what turns one state of a cache into another as one run.
  ///
  /// @param before the records that older runs give
  /// @param changes a record for each key that is new or another, nothing for each that is gone
  public static RunDescriptor write(
      SealedObjects objects,
      String directory,
      String id,
      Map<Place, Record> before,
      Map<Place, Optional<Record>> changes)
      throws IOException {
    RunSums sums = new RunSums();
    try (ChunkPool pool = new ChunkPool(64 << 20);
        RunWriter writer = new RunWriter(objects, -1, 4096, _ -> {})) {
      RunSorter sorter = new RunSorter(pool);
      for (Map.Entry<Place, Optional<Record>> change : new TreeMap<>(changes).entrySet()) {
        Place place = change.getKey();
        int slot = Position.slot(place.position());
        Record old = before.get(place);
        if (old != null) {
          sums.remove(slot, TestRecords.fingerprint(old));
        }
        if (change.getValue().isPresent()) {
          sorter.add(place.position(), change.getValue().get());
          sums.add(slot, TestRecords.fingerprint(change.getValue().get()));
        } else {
          sorter.addTombstone(place.position(), place.database(), place.key());
        }
      }
      return writer.write(directory, id, sorter, sums);
    }
  }
}
