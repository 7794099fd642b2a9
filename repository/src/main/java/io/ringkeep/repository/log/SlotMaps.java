package io.ringkeep.repository.log;

import io.ringkeep.repository.json.Json;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// The slot maps of a cluster that is archived. Safe for any number of threads.
public final class SlotMaps {
  private static final DateTimeFormatter NAME_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final ObjectStore store;
  private final SealedObjects objects;
  private final String directory;

  /// Those of `cache`.
  public SlotMaps(ObjectStore store, SealedObjects objects, String cache) {
    this.store = store;
    this.objects = objects;
    this.directory = "caches/" + cache + "/slots/";
  }

  /// All of them, oldest first; none of a cache that is no cluster.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if one is damaged
  public List<SlotMap> all() throws IOException {
    List<SlotMap> maps = new ArrayList<>();
    for (ObjectInfo object : store.list(directory)) {
      maps.add(read(object.key()));
    }
    return maps;
  }

  /// The newest, if there is one.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if it is damaged
  public Optional<SlotMap> last() throws IOException {
    List<ObjectInfo> there = store.list(directory);
    return there.isEmpty() ? Optional.empty() : Optional.of(read(there.getLast().key()));
  }

  private SlotMap read(String key) throws IOException {
    return Json.read(key, objects.read(key, ObjectKind.SLOT_MAP), SlotMap.FORMAT, SlotMap.class);
  }

  /// Stores one behind all that there are, whichever server's clock it was timed by.
  public void add(SlotMap seen) throws IOException {
    Optional<Instant> newest = last().map(SlotMap::time);
    SlotMap map =
        newest.filter(time -> !seen.time().isAfter(time)).isPresent()
            ? new SlotMap(
                seen.format(),
                seen.since(),
                newest.get().plusMillis(1),
                seen.shards(),
                seen.moves())
            : seen;
    String name =
        "%s%s-%s.json"
            .formatted(
                directory,
                NAME_TIME.format(map.time()),
                UUID.randomUUID().toString().substring(0, 8));
    objects.write(name, ObjectKind.SLOT_MAP, Json.write(map));
  }
}
