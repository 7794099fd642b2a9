package io.ringkeep.repository.known;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Which entries of a [KnownFile] the backup that is running has met again: a bit for each.
///
/// Any number of threads may mark at once.
public final class Sightings {
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  private final long count;
  private final long[] words;

  /// None was met yet.
  Sightings(long count) {
    this.count = count;
    words = new long[Math.toIntExact((count + Long.SIZE - 1) / Long.SIZE)];
  }

  /// Takes note of an entry; false if it was met before.
  public boolean mark(long entry) {
    long bit = 1L << entry;
    int word = (int) (entry / Long.SIZE);
    return ((long) WORDS.getAndBitwiseOr(words, word, bit) & bit) == 0;
  }

  /// True if the entry was met.
  public boolean marked(long entry) {
    return (words[(int) (entry / Long.SIZE)] & 1L << entry) != 0;
  }

  /// Number of entries that were not met.
  public long missing() {
    long met = 0;
    for (long word : words) {
      met += Long.bitCount(word);
    }
    return count - met;
  }

  /// The first entry from `from` on that was not met; −1 if there is none.
  public long nextMissing(long from) {
    for (long entry = from; entry < count; ) {
      long word = ~words[(int) (entry / Long.SIZE)] >>> entry;
      if (word != 0) {
        long found = entry + Long.numberOfTrailingZeros(word);
        return found < count ? found : -1;
      }
      entry = (entry / Long.SIZE + 1) * Long.SIZE;
    }
    return -1;
  }
}
