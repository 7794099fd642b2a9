package io.ringkeep.repository.log;

import io.ringkeep.repository.json.Json;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What running archivers say of themselves: small objects that are overwritten.
public final class ArchiverStates {
  private ArchiverStates() {}

  private static String directory(String cache) {
    return "control/archive/%s/".formatted(cache);
  }

  /// Says it.
  public static void put(ObjectStore store, ArchiverState state) throws IOException {
    store.put(directory(state.cache()) + state.shard() + ".json", Json.writeChecked(state));
  }

  /// What was said last of each shard of a cache.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if one is damaged
  public static List<ArchiverState> of(ObjectStore store, String cache) throws IOException {
    List<ArchiverState> states = new ArrayList<>();
    for (ObjectInfo object : store.list(directory(cache))) {
      states.add(
          Json.readChecked(
              object.key(), store.read(object.key()), ArchiverState.FORMAT, ArchiverState.class));
    }
    return states;
  }
}
