package io.ringkeep.repository.object;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// What was made of the objects that were read last, as far as it fits.
///
/// An object never changes once it is committed, so what was proven and decoded once holds for as
/// long as its name and digest are asked for. Whoever wants to know whether an object still is
/// whole must not ask here. Safe for any number of threads.
///
/// @param <T> what an object was decoded to; unmodifiable
public final class RecentObjects<T> {
  private final long mostBytes;
  // In the order of use, the longest unused first.
  private final Map<StoredObject, T> kept = new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true);
  private long bytes;

  /// @param mostBytes that the kept objects take in the store, all together
  public RecentObjects(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /// Reads an object and decodes it.
  @FunctionalInterface
  public interface Reader<T> {
    T read() throws IOException;
  }

  /// What `object` was decoded to before, or is now.
  public T get(StoredObject object, Reader<? extends T> reader) throws IOException {
    synchronized (kept) {
      T known = kept.get(object);
      if (known != null) {
        return known;
      }
    }
    T read = reader.read();
    synchronized (kept) {
      if (kept.put(object, read) == null) {
        bytes += object.storedBytes();
      }
      Iterator<StoredObject> unused = kept.keySet().iterator();
      while (bytes > mostBytes) {
        bytes -= unused.next().storedBytes();
        unused.remove();
      }
    }
    return read;
  }
}
