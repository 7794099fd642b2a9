package io.ringkeep.store;

import io.ringkeep.store.StoreTraits.Trait;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;

/// Tries out what a store promises, once each, with one small object that is gone afterwards.
///
/// A service may take a header that it does not know and answer that all is well; asking it twice
/// to create the same object finds that out. What only many callers at once would find stays
/// unknown.
public final class StoreProbe {
  private static final ByteBuffer FIRST = bytes("first of two contents of a probe");
  private static final ByteBuffer SECOND = bytes("second content of a probe, and longer than that");
  private static final ByteBuffer THIRD = bytes("third");

  private final ObjectStore store;
  private final String key;
  private final Set<Trait> honoured = EnumSet.noneOf(Trait.class);

  private StoreProbe(ObjectStore store, String key) {
    this.store = store;
    this.key = key;
  }

  /// Tries out a store.
  ///
  /// @param directory to do so in: a key followed by `/`
  /// @throws IOException if it can't be reached, or refuses something altogether
  public static StoreTraits of(ObjectStore store, String directory) throws IOException {
    StoreProbe probe = new StoreProbe(store, directory + UUID.randomUUID());
    try {
      probe.run(directory);
    } catch (IOException e) {
      try {
        store.delete(probe.key);
      } catch (IOException later) {
        e.addSuppressed(later);
      }
      throw e;
    }
    return new StoreTraits(probe.honoured);
  }

  private void run(String directory) throws IOException {
    boolean first = store.createIfAbsent(key, FIRST);
    boolean second = store.createIfAbsent(key, SECOND);
    note(Trait.CREATES_ONCE, first && !second);
    ByteBuffer there = second ? SECOND : FIRST;
    note(Trait.READS_BACK, store.read(key).equals(there));
    note(Trait.READS_RANGES, readsRanges(there));
    note(
        Trait.LISTS,
        store.list(directory).contains(new ObjectInfo(key, there.remaining()))
            && store.size(key).orElse(-1) == there.remaining());
    store.put(key, THIRD);
    note(Trait.REPLACES, store.read(key).equals(THIRD));
    store.delete(key);
    note(
        Trait.DELETES,
        store.size(key).isEmpty()
            && store.list(directory).stream().noneMatch(object -> object.key().equals(key)));
  }

  private boolean readsRanges(ByteBuffer there) throws IOException {
    ByteBuffer middle = ByteBuffer.allocateDirect(7);
    store.read(key, 3, middle);
    if (!middle.flip().equals(there.slice(3, 7))) {
      return false;
    }
    try {
      store.read(key, there.remaining() - 2L, ByteBuffer.allocateDirect(7));
      return false;
    } catch (EOFException e) {
      return true;
    }
  }

  private void note(Trait trait, boolean seen) {
    if (seen) {
      honoured.add(trait);
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();
  }
}
