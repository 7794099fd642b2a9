package io.ringkeep.repository.known;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Kinds of records by number: an entry has room for a number only. Thread-safe.
public final class RecordKinds {
  private final List<RecordKind> kinds = new ArrayList<>();
  private final Map<RecordKind, Integer> numbers = new HashMap<>();

  RecordKinds(List<RecordKind> known) {
    for (RecordKind kind : known) {
      numbers.put(kind, kinds.size());
      kinds.add(kind);
    }
  }

  /// Number of a kind, which is given one if it has none.
  ///
  /// @throws IOException if there are too many
  synchronized int number(RecordKind kind) throws IOException {
    Integer number = numbers.get(kind);
    if (number != null) {
      return number;
    }
    if (kinds.size() > KnownFile.KIND_MASK) {
      throw new IOException("records are of too many kinds: kinds=" + kinds.size());
    }
    numbers.put(kind, kinds.size());
    kinds.add(kind);
    return kinds.size() - 1;
  }

  /// All of them, by number.
  synchronized List<RecordKind> list() {
    return List.copyOf(kinds);
  }
}
