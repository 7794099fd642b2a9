package io.ringkeep.story;

import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import redis.clients.jedis.Jedis;

/// Writes all kinds of values to some databases until it is closed, at most [#MOST] commands:
/// transactions, scripts, deletions, and many keys that expire within a second or two.
final class MixedLoad implements AutoCloseable {
  static final int DATABASES = 2;

  private static final long MOST = 4_000_000;

  /// No key that expires lives longer.
  static final int LONGEST_MILLIS = 2_000;

  private static final int KEYS = 300;
  private static final String LASTING = "lasting:";

  private final Random random;
  private final Thread thread;
  private volatile boolean closed;
  private volatile long written;

  private MixedLoad(TestServer server, long seed) {
    random = new Random(seed);
    thread =
        Thread.ofVirtual()
            .start(() -> {
              try (Jedis client = server.client()) {
                for (long i = 0; i < MOST && !closed; i++) {
                  if (i % 50 == 0) {
                    Raw.call(client, "SELECT", Integer.toString(random.nextInt(DATABASES)));
                  }
                  write(client, i);
                  written = i + 1;
                }
              }
            });
  }

  static MixedLoad to(TestServer server, long seed) {
    return new MixedLoad(server, seed);
  }

  private String key(String type) {
    return LASTING + type + ":" + random.nextInt(KEYS);
  }

  private void write(Jedis client, long i) {
    String value = "value " + i;
    switch (random.nextInt(12)) {
      case 0 -> Raw.call(client, "SET", key("string"), value);
      case 1 -> Raw.call(client, "HSET", key("hash"), "f" + random.nextInt(9), value);
      case 2 -> Raw.call(client, "RPUSH", key("list"), value);
      case 3 -> Raw.call(client, "SADD", key("set"), value);
      case 4 -> Raw.call(client, "SPOP", key("set"));
      case 5 -> Raw.call(client, "ZADD", key("zset"), Long.toString(i), "m" + random.nextInt(9));
      case 6 -> Raw.call(client, "XADD", key("stream"), "MAXLEN", "20", "*", "f", value);
      case 7 -> Raw.call(client, "DEL", key("list"));
      case 8 -> {
        Raw.call(client, "MULTI");
        Raw.call(client, "INCR", key("count"));
        Raw.call(client, "INCR", key("count"));
        Raw.call(client, "EXEC");
      }
      case 9 ->
          Raw.call(
              client,
              "EVAL",
              "redis.call('INCR', KEYS[1]); return redis.call('APPEND', KEYS[2], ARGV[1])",
              "2",
              key("count"),
              key("string"),
              ".");
      default ->
          Raw.call(
              client,
              "SET",
              "expiring:" + i % 5_000,
              value,
              "PX",
              Integer.toString(1 + random.nextInt(LONGEST_MILLIS)));
    }
  }

  /// How many commands were answered so far.
  long written() {
    return written;
  }

  /// What a server digests of each key that does not expire.
  static Map<String, String> lasting(TestServer server, int database) {
    Map<String, String> digests = new TreeMap<>();
    try (Jedis client = server.client()) {
      Raw.call(client, "SELECT", Integer.toString(database));
      List<String> keys =
          Raw.list(Raw.call(client, "KEYS", LASTING + "*")).stream().map(Raw::text).toList();
      for (String key : keys) {
        digests.put(
            key, Raw.text(Raw.list(Raw.call(client, "DEBUG", "DIGEST-VALUE", key)).getFirst()));
      }
    }
    return digests;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
