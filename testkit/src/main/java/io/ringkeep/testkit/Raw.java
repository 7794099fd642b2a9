package io.ringkeep.testkit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;

/// Commands as their words and replies as they come: a byte array, a [Long], a list of these, or
/// null.
public final class Raw {
  private Raw() {}

  /// The reply to a command. An error reply is a `JedisDataException`.
  public static @Nullable Object call(Jedis jedis, String... words) {
    return call(jedis, bytes(words));
  }

  /// As above, for words that are not text.
  public static @Nullable Object call(Jedis jedis, byte[]... words) {
    return jedis.sendCommand(() -> words[0], Arrays.copyOfRange(words, 1, words.length));
  }

  /// A reply that is text or a number, as text.
  public static String text(@Nullable Object reply) {
    return switch (reply) {
      case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
      case Long number -> number.toString();
      case String text -> text;
      case null, default -> throw new IllegalArgumentException("not text: " + describe(reply));
    };
  }

  /// A reply that is a number.
  public static long number(@Nullable Object reply) {
    return reply instanceof Long number ? number : Long.parseLong(text(reply));
  }

  /// A reply that is an array.
  public static List<@Nullable Object> list(@Nullable Object reply) {
    if (reply instanceof List<?> list) {
      return new ArrayList<>(list);
    }
    throw new IllegalArgumentException("not an array: " + describe(reply));
  }

  /// An array of names and values by turns.
  public static Map<String, @Nullable Object> map(@Nullable Object reply) {
    List<@Nullable Object> items = list(reply);
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i + 1 < items.size(); i += 2) {
      map.put(text(items.get(i)), items.get(i + 1));
    }
    return map;
  }

  /// The fields of `INFO`'s text.
  public static Map<String, String> fields(@Nullable Object info) {
    Map<String, String> fields = new LinkedHashMap<>();
    text(info)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> {
          int colon = line.indexOf(':');
          if (colon > 0) {
            fields.put(line.substring(0, colon), line.substring(colon + 1));
          }
        });
    return fields;
  }

  /// A reply as a person would read it, bytes above ASCII escaped.
  public static String describe(@Nullable Object reply) {
    return switch (reply) {
      case null -> "(nil)";
      case byte[] bytes -> escape(bytes);
      case List<?> list -> list.stream().map(Raw::describe).toList().toString();
      default -> reply.toString();
    };
  }

  static String escape(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      if (b >= ' ' && b < 0x7f && b != '\\') {
        text.append((char) b);
      } else {
        text.append("\\x%02x".formatted(b & 0xff));
      }
    }
    return text.toString();
  }

  static byte[] bytes(String word) {
    return word.getBytes(StandardCharsets.UTF_8);
  }

  static byte[][] bytes(String... words) {
    return Arrays.stream(words).map(word -> bytes(word)).toArray(byte[][]::new);
  }
}
