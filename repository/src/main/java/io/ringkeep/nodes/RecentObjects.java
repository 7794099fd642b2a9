package io.ringkeep.nodes;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The few small objects that were read last, so that no node is asked again at once. Thread-safe.
final class RecentObjects {
  private static final int MOST = 8;

  private final Map<String, ByteBuffer> objects =
      new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ByteBuffer> eldest) {
          return size() > MOST;
        }
      };

  /// What was kept under this key; null if nothing is.
  synchronized @Nullable ByteBuffer get(String key) {
    return objects.get(key);
  }

  synchronized void put(String key, ByteBuffer bytes) {
    objects.put(key, bytes);
  }

  synchronized void remove(String key) {
    objects.remove(key);
  }
}
