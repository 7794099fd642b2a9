package io.ringkeep.lookup;

/// What a value's elements are, by hashes: 17 bytes for each of at most twice as many places.
///
/// Not thread-safe.
final class ElementTable {
  /// 68 MiB of a heap.
  static final int MOST_ELEMENTS = 2_000_000;

  private static final int LEAST_PLACES = 64;

  // Open addressing with linear probing; a place is free while `used` is 0.
  private long[] names = new long[LEAST_PLACES];
  private long[] contents = new long[LEAST_PLACES];
  private byte[] used = new byte[LEAST_PLACES];
  private int size;

  /// Number of names.
  int size() {
    return size;
  }

  /// The place of a name, or the free one where it would stand.
  int place(long name) {
    int mask = names.length - 1;
    int place = (int) (name ^ (name >>> 32)) & mask;
    while (used[place] != 0 && names[place] != name) {
      place = (place + 1) & mask;
    }
    return place;
  }

  /// True if a name stands at a place.
  boolean has(int place) {
    return used[place] != 0;
  }

  /// What was put there.
  long content(int place) {
    return contents[place];
  }

  /// Replaces what was put there.
  void set(int place, long content) {
    contents[place] = content;
  }

  /// True if [#mark] was called for the place.
  boolean marked(int place) {
    return used[place] == 2;
  }

  void mark(int place) {
    used[place] = 2;
  }

  /// Puts a name at the free place that [#place] has found.
  void put(int place, long name, long content) {
    names[place] = name;
    contents[place] = content;
    used[place] = 1;
    size++;
    if (2L * size > names.length) {
      grow();
    }
  }

  private void grow() {
    long[] oldNames = names;
    long[] oldContents = contents;
    byte[] oldUsed = used;
    names = new long[2 * oldNames.length];
    contents = new long[2 * oldNames.length];
    used = new byte[2 * oldNames.length];
    for (int old = 0; old < oldNames.length; old++) {
      if (oldUsed[old] != 0) {
        int place = place(oldNames[old]);
        names[place] = oldNames[old];
        contents[place] = oldContents[old];
        used[place] = oldUsed[old];
      }
    }
  }
}
