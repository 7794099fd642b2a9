package io.ringkeep.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/// Reads for an [Oracle] all that one server holds, page by page of its `SCAN`.
final class ServerReader {
  private static final int PAGE_KEYS = 250;

  /// So few that one millisecond is enough for them.
  private static final int CLOCKED_KEYS = 25;

  private static final String NO_VALUE = "0".repeat(40);

  /// Fields of `XINFO STREAM FULL` that depend on when one looks.
  private static final Set<String> VOLATILE =
      Set.of("seen-time", "active-time", "idle", "inactive");

  /// Fields of `XINFO STREAM FULL` that every version has and that do not depend on how it stores a
  /// stream.
  private static final Set<String> PORTABLE =
      Set.of(
          "length",
          "last-generated-id",
          "entries",
          "groups",
          "name",
          "last-delivered-id",
          "pel-count",
          "pel",
          "pending",
          "consumers");

  private final TestServer server;
  private final boolean exact;
  private final Jedis jedis;
  private final SortedMap<Contents.Name, Contents.Facts> keys = new TreeMap<>();

  /// @param exact with what only this version knows or only its way of storing decides
  ServerReader(TestServer server, boolean exact) {
    this.server = server;
    this.exact = exact;
    this.jedis = server.client();
  }

  Map<Contents.Name, Contents.Facts> read() {
    try (jedis) {
      for (String database : Raw.fields(Raw.call(jedis, "INFO", "keyspace")).keySet()) {
        readDatabase(Integer.parseInt(database.substring("db".length())));
      }
    }
    return keys;
  }

  private void readDatabase(int database) {
    Raw.call(jedis, "SELECT", Integer.toString(database));
    byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
    do {
      ScanResult<byte[]> page = jedis.scan(cursor, new ScanParams().count(PAGE_KEYS));
      readPage(database, page.getResult());
      cursor = page.getCursorAsBytes();
    } while (!Arrays.equals(cursor, ScanParams.SCAN_POINTER_START_BINARY));
  }

  private void readPage(int database, List<byte[]> page) {
    if (page.isEmpty()) {
      return;
    }
    List<String> types = askEach(page, key -> words("TYPE", key)).stream().map(Raw::text).toList();
    List<Long> expiries = expiries(page);
    List<String> details = new ArrayList<>();
    for (int i = 0; i < page.size(); i++) {
      details.add(detail(types.get(i), page.get(i)));
    }
    // Asked last: it tells which keys have expired meanwhile.
    List<@Nullable Object> digests =
        Raw.list(Raw.call(jedis, words("DEBUG", "DIGEST-VALUE", page)));
    for (int i = 0; i < page.size(); i++) {
      String digest = Raw.text(digests.get(i));
      if (!digest.equals(NO_VALUE)) {
        // SCAN may name a key twice.
        keys.put(
            new Contents.Name(database, Raw.escape(page.get(i))),
            facts(types.get(i), page.get(i), digest, expiries.get(i), details.get(i)));
      }
    }
  }

  private Contents.Facts facts(
      String type, byte[] key, String digest, long expiryMillis, String detail) {
    // Versions digest the text of a score, and write scores differently (6.2 and 8.0 do).
    return exact || !type.equals("zset")
        ? new Contents.Facts(type, digest, expiryMillis, detail)
        : new Contents.Facts(type, "", expiryMillis, scores(key));
  }

  private String scores(byte[] key) {
    List<@Nullable Object> words =
        Raw.list(Raw.call(jedis, words("ZRANGE", key, "0", "-1", "WITHSCORES")));
    SortedMap<String, Double> scores = new TreeMap<>();
    for (int i = 0; i < words.size(); i += 2) {
      // A negative zero becomes zero when a server packs it.
      scores.put(Raw.describe(words.get(i)), score(Raw.text(words.get(i + 1))) + 0.0);
    }
    return scores.toString();
  }

  private static double score(String text) {
    return switch (text) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  /// What the digest leaves out; nothing for a key that has expired meanwhile.
  private String detail(String type, byte[] key) {
    try {
      return switch (type) {
        case "stream" ->
            stream(Raw.call(jedis, words("XINFO", "STREAM", key, "FULL", "COUNT", "0")));
        case "hash" -> server.engine().hasFieldExpiry() ? fieldExpiries(key) : "";
        default -> "";
      };
    } catch (JedisDataException e) {
      if ("ERR no such key".equals(e.getMessage())) {
        return "";
      }
      throw e;
    }
  }

  private String fieldExpiries(byte[] key) {
    List<@Nullable Object> fields = Raw.list(Raw.call(jedis, words("HKEYS", key)));
    if (fields.isEmpty()) {
      return "";
    }
    Object reply =
        Raw.call(
            jedis, words("HPEXPIRETIME", key, "FIELDS", Integer.toString(fields.size()), fields));
    List<@Nullable Object> expiries = reply == null ? List.of() : Raw.list(reply);
    SortedMap<String, String> expiring = new TreeMap<>();
    for (int i = 0; i < expiries.size(); i++) {
      if (Raw.number(expiries.get(i)) >= 0) {
        expiring.put(Raw.describe(fields.get(i)), Raw.text(expiries.get(i)));
      }
    }
    return expiring.isEmpty() ? "" : expiring.toString();
  }

  /// The fields of a stream, a group or a consumer that count, in the order of their names.
  private String stream(@Nullable Object reply) {
    SortedMap<String, String> fields = new TreeMap<>();
    Raw.map(reply)
        .forEach((name, value) -> {
          if (exact ? !VOLATILE.contains(name) : PORTABLE.contains(name)) {
            fields.put(name, streamField(name, value));
          }
        });
    return fields.toString();
  }

  private String streamField(String name, @Nullable Object value) {
    return name.equals("groups") || name.equals("consumers")
        ? Raw.list(value).stream().map(this::stream).collect(Collectors.joining(", ", "[", "]"))
        : Raw.describe(value);
  }

  /// Absolute expiries in milliseconds, -1 for keys that have none.
  private List<Long> expiries(List<byte[]> page) {
    return server.engine().hasFunctions()
        ? askEach(page, key -> words("PEXPIRETIME", key)).stream().map(Raw::number).toList()
        : expiriesFromRemaining(page);
  }

  /// Older servers tell the time that remains. Between two equal clock readings it is exact.
  private List<Long> expiriesFromRemaining(List<byte[]> page) {
    List<Long> expiries = new ArrayList<>();
    for (int from = 0; from < page.size(); from += CLOCKED_KEYS) {
      expiries.addAll(clocked(page.subList(from, Math.min(page.size(), from + CLOCKED_KEYS))));
    }
    return expiries;
  }

  private List<Long> clocked(List<byte[]> few) {
    while (true) {
      Pipeline pipeline = jedis.pipelined();
      send(pipeline, words("TIME"));
      few.forEach(key -> send(pipeline, words("PTTL", key)));
      send(pipeline, words("TIME"));
      List<@Nullable Object> replies = Raw.list(pipeline.syncAndReturnAll());
      long now = millis(replies.getFirst());
      if (now == millis(replies.getLast())) {
        return replies.subList(1, replies.size() - 1).stream()
            .map(Raw::number)
            .map(remaining -> remaining < 0 ? -1L : now + remaining)
            .toList();
      }
    }
  }

  private static long millis(@Nullable Object time) {
    List<@Nullable Object> parts = Raw.list(time);
    return Raw.number(parts.get(0)) * 1000 + Raw.number(parts.get(1)) / 1000;
  }

  private List<Object> askEach(List<byte[]> page, Function<byte[], byte[][]> command) {
    Pipeline pipeline = jedis.pipelined();
    page.forEach(key -> send(pipeline, command.apply(key)));
    List<Object> replies = pipeline.syncAndReturnAll();
    for (Object reply : replies) {
      if (reply instanceof JedisDataException error) {
        throw error;
      }
    }
    return replies;
  }

  private static void send(Pipeline pipeline, byte[][] words) {
    pipeline.sendCommand(() -> words[0], Arrays.copyOfRange(words, 1, words.length));
  }

  /// Words from strings, byte arrays and lists of these.
  private static byte[][] words(Object... parts) {
    List<byte[]> words = new ArrayList<>();
    for (Object part : parts) {
      switch (part) {
        case byte[] bytes -> words.add(bytes);
        case List<?> list -> list.forEach(item -> words.add((byte[]) item));
        default -> words.add(Raw.bytes(part.toString()));
      }
    }
    return words.toArray(byte[][]::new);
  }
}
