package io.ringkeep.lookup;

import io.ringkeep.model.Bytes;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.EscapedText;
import io.ringkeep.repository.KeyReader;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotReader;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.manifest.TypeCount;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.RecordCursor;
import io.ringkeep.repository.run.RecordHead;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/// What somebody may have meant who asked for a key that is not there.
///
/// It asks at a fixed cost: the same name in the snapshot's other databases, the same name in other
/// snapshots, newest first, and then the names of some keys from the key's own slot on, of which
/// those that differ by the fewest letters are named. Keys are stored by their hash, so the nearest
/// of all may lie anywhere: what is said is the nearest of those that were looked at.
final class NearestKeys {
  private static final int MOST_DATABASES = 16;
  private static final int MOST_SNAPSHOTS = 32;
  private static final int MOST_KEYS = 100_000;
  private static final int MOST_NAMED = 3;

  /// Longer names are compared by their beginning.
  private static final int MOST_LETTERS = 128;

  /// A candidate and how many letters it is away.
  private record Near(int distance, int database, String key) {}

  private final Repository repository;
  private final String cache;
  private final Manifest snapshot;
  private final KeyName key;
  private final KeyReader reader;

  NearestKeys(
      Repository repository, String cache, Manifest snapshot, KeyName key, KeyReader reader) {
    this.repository = repository;
    this.cache = cache;
    this.snapshot = snapshot;
    this.key = key;
    this.reader = reader;
  }

  /// The next step in words.
  String hint() throws IOException {
    for (int database : databases()) {
      try (KeyReader other = new KeyReader(repository, database, key.bytes())) {
        if (database != key.database() && other.holder(snapshot).isPresent()) {
          return "database %d has a key of that name: --db %d".formatted(database, database);
        }
      }
    }
    List<SnapshotReference> snapshots = repository.snapshots(cache).references().reversed();
    for (SnapshotReference other :
        snapshots.subList(0, Math.min(snapshots.size(), MOST_SNAPSHOTS))) {
      if (!other.id().equals(snapshot.id())
          && reader.holder(repository.snapshots(cache).read(other)).isPresent()) {
        return "snapshot %s of %s has it: --snapshot %s, or 'history' for all of its versions"
            .formatted(other.id(), other.time(), other.id());
      }
    }
    return named();
  }

  private List<Integer> databases() {
    return snapshot.contents().types().stream()
        .map(TypeCount::database)
        .distinct()
        .limit(MOST_DATABASES)
        .toList();
  }

  private String named() throws IOException {
    byte[] wanted = Bytes.of(key.bytes());
    TreeSet<Near> nearest =
        new TreeSet<>(
            Comparator.comparingInt(Near::distance)
                .thenComparing(Near::key)
                .thenComparingInt(Near::database));
    long looked = 0;
    int slot = Slot.of(key.bytes());
    List<SlotRange> ranges = new ArrayList<>(List.of(new SlotRange(slot, Slot.COUNT - 1)));
    if (slot > 0) {
      ranges.add(new SlotRange(0, slot - 1));
    }
    try (SnapshotReader snapshots =
        SnapshotReader.open(repository, snapshot, new ReadOptions(4 << 20, 1))) {
      for (SlotRange range : ranges) {
        try (RecordCursor cursor = snapshots.records(List.of(range))) {
          while (looked < MOST_KEYS && cursor.next()) {
            looked++;
            consider(cursor.head(), wanted, nearest);
          }
        }
      }
    }
    if (nearest.isEmpty()) {
      return "the snapshot has no keys";
    }
    List<String> names =
        nearest.stream()
            .map(near ->
                near.database() == key.database()
                    ? near.key()
                    : near.key() + " (--db " + near.database() + ")")
            .toList();
    return "nearest of %s: %s; 'ringkeep keys PATTERN' lists keys"
        .formatted(
            looked == snapshot.records() ? "all" : "%,d keys looked at".formatted(looked),
            String.join(", ", names));
  }

  private static void consider(RecordHead head, byte[] wanted, NavigableSet<Near> nearest) {
    int most = nearest.size() < MOST_NAMED ? Integer.MAX_VALUE : nearest.last().distance();
    // No fewer letters than the lengths differ by.
    if (Math.abs(
            Math.min(head.key().remaining(), MOST_LETTERS) - Math.min(wanted.length, MOST_LETTERS))
        >= most) {
      return;
    }
    byte[] name = Bytes.of(head.key());
    int distance = distance(wanted, name);
    if (distance < most) {
      nearest.add(new Near(distance, head.database(), EscapedText.of(name)));
      if (nearest.size() > MOST_NAMED) {
        nearest.pollLast();
      }
    }
  }

  /// How many letters must be put in, taken out or changed to make one name of the other, capitals
  /// or not.
  static int distance(byte[] from, byte[] to) {
    int length = Math.min(to.length, MOST_LETTERS);
    int[] row = new int[length + 1];
    for (int j = 0; j <= length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= Math.min(from.length, MOST_LETTERS); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= length; j++) {
        int change = diagonal + (lower(from[i - 1]) == lower(to[j - 1]) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[length];
  }

  private static int lower(byte letter) {
    return letter >= 'A' && letter <= 'Z' ? letter + 32 : letter;
  }
}
