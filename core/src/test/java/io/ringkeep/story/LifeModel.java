package io.ringkeep.story;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/// What a cache holds, kept beside it: each write goes to both. Shares no code with the product.
final class LifeModel {
  private static final String TYPES = "whlszx";
  private static final int TAGS = 24;
  private static final int NUMBERS = 12;

  /// Far enough to pass in no test.
  static final long FAR_MILLIS = 4_102_444_800_000L;

  /// A key; its first letter says its type, its hash tag keeps the number of slots small.
  record CacheKey(int database, String name) implements Comparable<CacheKey> {
    @Override
    public int compareTo(CacheKey other) {
      return Comparator.comparingInt(CacheKey::database)
          .thenComparing(CacheKey::name)
          .compare(this, other);
    }

    char type() {
      return name.charAt(0);
    }

    ByteBuffer bytes() {
      return ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8));
    }
  }

  /// What a key holds: its parts in an order that does not depend on its encoding.
  record Value(List<String> parts, long expiryMillis) {
    static final long FOREVER = -1;

    Value {
      parts = List.copyOf(parts);
    }
  }

  private final SortedMap<CacheKey, Value> values = new TreeMap<>();
  private final Random random;
  private long streamId = 1;

  LifeModel(Random random) {
    this.random = random;
  }

  /// All there is now.
  SortedMap<CacheKey, Value> copy() {
    return new TreeMap<>(values);
  }

  /// Some key, there or not.
  CacheKey anyKey(int database) {
    char type = TYPES.charAt(random.nextInt(TYPES.length()));
    return new CacheKey(
        database, "%c{%d}:%d".formatted(type, random.nextInt(TAGS), random.nextInt(NUMBERS)));
  }

  /// Forgets the keys that were flushed.
  void flush(Predicate<CacheKey> flushed) {
    values.keySet().removeIf(flushed);
  }

  /// Takes over expiries from servers that changed them: `MIGRATE` tells the time left, not its
  /// end.
  void expiriesAre(ToLongFunction<CacheKey> server) {
    values.replaceAll((key, value) ->
        value.expiryMillis() == Value.FOREVER
            ? value
            : new Value(value.parts(), server.applyAsLong(key)));
  }

  /// Draws a write, and does it here and by `server`.
  void step(int database, BiConsumer<CacheKey, List<String>> server) {
    CacheKey key = anyKey(database);
    int what = random.nextInt(20);
    if (what < 2) {
      values.remove(key);
      server.accept(key, List.of("DEL", key.name()));
    } else if (what == 2 && values.containsKey(key)) {
      // An expiry that has passed takes the key at once.
      values.remove(key);
      server.accept(key, List.of("PEXPIREAT", key.name(), "1"));
    } else if (what < 5 && values.containsKey(key)) {
      long expiry = FAR_MILLIS + 1 + random.nextInt(1_000_000);
      values.computeIfPresent(key, (_, value) -> new Value(value.parts(), expiry));
      server.accept(key, List.of("PEXPIREAT", key.name(), Long.toString(expiry)));
    } else if (what == 5) {
      values.computeIfPresent(key, (_, value) -> new Value(value.parts(), Value.FOREVER));
      server.accept(key, List.of("PERSIST", key.name()));
    } else {
      write(key, server);
    }
  }

  private void write(CacheKey key, BiConsumer<CacheKey, List<String>> server) {
    String name = key.name();
    String one = Integer.toString(random.nextInt(8));
    String other = "v" + random.nextInt(4);
    boolean takes = random.nextInt(4) == 0;
    switch (key.type()) {
      case 'w' -> {
        String word = other + "x".repeat(random.nextInt(60));
        values.put(key, new Value(List.of(word), Value.FOREVER));
        server.accept(key, List.of("SET", name, word));
      }
      case 'h' -> {
        Map<String, String> fields = map(key);
        if (takes) {
          fields.remove("f" + one);
          server.accept(key, List.of("HDEL", name, "f" + one));
        } else {
          fields.put("f" + one, other);
          server.accept(key, List.of("HSET", name, "f" + one, other));
        }
        put(key, fields.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
      }
      case 'l' -> {
        List<String> list = new ArrayList<>(parts(key));
        if (takes && !list.isEmpty()) {
          list.removeFirst();
          server.accept(key, List.of("LPOP", name));
        } else {
          list.add(other);
          server.accept(key, List.of("RPUSH", name, other));
        }
        put(key, list);
      }
      case 's' -> {
        List<String> members = new ArrayList<>(parts(key));
        members.remove(one);
        if (takes) {
          server.accept(key, List.of("SREM", name, one));
        } else {
          members.add(one);
          server.accept(key, List.of("SADD", name, one));
        }
        put(key, members.stream().sorted().toList());
      }
      case 'z' -> {
        Map<String, String> scores = map(key);
        if (takes) {
          scores.remove("m" + one);
          server.accept(key, List.of("ZREM", name, "m" + one));
        } else {
          scores.put("m" + one, other.substring(1) + ".5");
          server.accept(key, List.of("ZADD", name, other.substring(1) + ".5", "m" + one));
        }
        put(key, scores.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
      }
      default -> {
        String id = streamId++ + "-1";
        List<String> entries = new ArrayList<>(parts(key));
        entries.add(id + " f=" + other);
        put(key, entries);
        server.accept(key, List.of("XADD", name, id, "f", other));
      }
    }
  }

  private List<String> parts(CacheKey key) {
    Value value = values.get(key);
    return value == null ? List.of() : value.parts();
  }

  private Map<String, String> map(CacheKey key) {
    Map<String, String> map = new TreeMap<>();
    for (String part : parts(key)) {
      int equals = part.indexOf('=');
      map.put(part.substring(0, equals), part.substring(equals + 1));
    }
    return map;
  }

  /// Keeps the expiry; a key without parts is gone.
  private void put(CacheKey key, List<String> parts) {
    Value before = values.get(key);
    if (parts.isEmpty()) {
      values.remove(key);
    } else {
      values.put(key, new Value(parts, before == null ? Value.FOREVER : before.expiryMillis()));
    }
  }
}
