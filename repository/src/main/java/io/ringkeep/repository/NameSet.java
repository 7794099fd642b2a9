package io.ringkeep.repository;

import io.ringkeep.model.HashKey;
import io.ringkeep.model.SipHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Names of objects, each as 64 bits of a keyed hash: 16 bytes of heap a name at most, however long
/// it is.
///
/// A name that is in it is always found. One that is not is taken for one that is about once in
/// 10^13, among a million: then an object stays that nobody needs. Not thread-safe.
final class NameSet {
  private static final long FREE = 0;

  private final SipHash hash;
  private long[] table = new long[1024];
  private int size;

  NameSet(HashKey key) {
    hash = new SipHash(key);
  }

  void add(String name) {
    if (2 * (size + 1) > table.length) {
      grow();
    }
    if (put(table, hash(name))) {
      size++;
    }
  }

  boolean contains(String name) {
    long wanted = hash(name);
    int at = start(table, wanted);
    while (table[at] != FREE) {
      if (table[at] == wanted) {
        return true;
      }
      at = at + 1 & table.length - 1;
    }
    return false;
  }

  private void grow() {
    long[] larger = new long[2 * table.length];
    Arrays.stream(table).filter(value -> value != FREE).forEach(value -> put(larger, value));
    table = larger;
  }

  private static boolean put(long[] into, long value) {
    int at = start(into, value);
    while (into[at] != FREE) {
      if (into[at] == value) {
        return false;
      }
      at = at + 1 & into.length - 1;
    }
    into[at] = value;
    return true;
  }

  private static int start(long[] table, long value) {
    return (int) (value >>> 32) & table.length - 1;
  }

  private long hash(String name) {
    long low =
        hash.reset()
            .putBytes(ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)))
            .finish()
            .low();
    return low == FREE ? 1 : low;
  }
}
