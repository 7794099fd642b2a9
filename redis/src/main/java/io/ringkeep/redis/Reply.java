package io.ringkeep.redis;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads replies as [ServerConnection#command] returns them: byte arrays, longs, lists, null.
public final class Reply {
  private Reply() {}

  /// A string or status reply, or an integer in digits.
  ///
  /// @throws IllegalStateException if it is something else
  public static String text(@Nullable Object reply) {
    return switch (reply) {
      case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
      case Long number -> Long.toString(number);
      case null, default -> throw unexpected("a string", reply);
    };
  }

  /// An integer reply, or digits in a string.
  ///
  /// @throws IllegalStateException if it is something else
  public static long number(@Nullable Object reply) {
    return reply instanceof Long number ? number : Long.parseLong(text(reply));
  }

  /// An array reply.
  ///
  /// @throws IllegalStateException if it is something else
  public static List<@Nullable Object> list(@Nullable Object reply) {
    if (reply instanceof List<?> list) {
      @SuppressWarnings("unchecked") // whatever stands in a reply is an Object or null
      List<@Nullable Object> items = (List<@Nullable Object>) list;
      return items;
    }
    throw unexpected("a list", reply);
  }

  /// An array of names and values by turns, the values as they are.
  ///
  /// @throws IllegalStateException if it is something else
  public static Map<String, @Nullable Object> map(@Nullable Object reply) {
    List<@Nullable Object> items = list(reply);
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i + 1 < items.size(); i += 2) {
      map.put(text(items.get(i)), items.get(i + 1));
    }
    return map;
  }

  /// An array of names and strings by turns.
  ///
  /// @throws IllegalStateException if it is something else
  public static Map<String, String> textMap(@Nullable Object reply) {
    Map<String, String> map = new LinkedHashMap<>();
    map(reply).forEach((name, value) -> map.put(name, text(value)));
    return map;
  }

  private static IllegalStateException unexpected(String what, @Nullable Object reply) {
    return new IllegalStateException(
        "unexpected reply of a server: expected="
            + what
            + " actual="
            + (reply == null ? "nil" : reply.getClass().getSimpleName()));
  }
}
