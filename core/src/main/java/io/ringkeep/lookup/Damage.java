package io.ringkeep.lookup;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Position;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.object.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Says of a damaged or missing object which snapshots and slots need it, and what to use instead.
final class Damage {
  private static final int MOST_SHOWN = 8;

  /// Something that reads runs.
  @FunctionalInterface
  interface Reading<T> {
    T read() throws IOException;
  }

  private Damage() {}

  /// Does `work`; damage that it meets is thrown with all that is known of it.
  static <T> T explained(Repository repository, String cache, Reading<T> work) throws IOException {
    try {
      return work.read();
    } catch (CorruptData e) {
      throw explain(repository, cache, e);
    }
  }

  private static CorruptData explain(Repository repository, String cache, CorruptData damage) {
    String message = String.valueOf(damage.getMessage());
    List<String> affected = new ArrayList<>();
    Optional<SlotRange> slots = Optional.empty();
    Optional<SnapshotReference> instead = Optional.empty();
    try {
      SnapshotCatalog catalog = repository.snapshots(cache);
      for (SnapshotReference reference : catalog.references().reversed()) {
        Optional<RunDescriptor> run = needing(catalog.read(reference), message);
        if (run.isPresent()) {
          affected.add(reference.id());
          slots = Optional.of(slots(run.get()));
        } else if (instead.isEmpty()) {
          instead = Optional.of(reference);
        }
      }
    } catch (IOException | BackupException e) {
      // What is known must do: the damage itself is the news.
      return damage;
    }
    if (affected.isEmpty()) {
      return damage;
    }
    String shown =
        affected.size() <= MOST_SHOWN
            ? affected.toString()
            : affected.subList(0, MOST_SHOWN)
                + " and %d older".formatted(affected.size() - MOST_SHOWN);
    return new CorruptData(
        "%s snapshots=%s slots=%s"
            .formatted(message, shown, slots.map(SlotRange::toString).orElse("?")),
        instead
                .map(other ->
                    "snapshot %s of %s does not need it: name it with --snapshot; "
                        .formatted(other.id(), other.time()))
                .orElse("no snapshot of this cache is without it: use another copy; ")
            + "'verify' finds all that is damaged",
        damage);
  }

  private static Optional<RunDescriptor> needing(Manifest manifest, String message) {
    return manifest.runs().stream()
        .filter(run ->
            Stream.concat(run.objects().stream(), Stream.of(run.index()))
                .map(StoredObject::name)
                .anyMatch(message::contains))
        .findFirst();
  }

  private static SlotRange slots(RunDescriptor run) {
    return new SlotRange(
        Position.slot(Long.parseUnsignedLong(run.firstPosition(), 16)),
        Position.slot(Long.parseUnsignedLong(run.lastPosition(), 16)));
  }
}
