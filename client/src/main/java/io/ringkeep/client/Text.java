package io.ringkeep.client;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Bytes of keys and numbers, to and from.
final class Text {
  private Text() {}

  /// A key for messages: what is no printable ASCII as `\xHH`.
  static String show(byte[] key) {
    StringBuilder text = new StringBuilder();
    for (byte b : key) {
      if (b >= ' ' && b < 0x7f && b != '\\') {
        text.append((char) b);
      } else {
        text.append("\\x%02x".formatted(b & 0xff));
      }
    }
    return text.toString();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] bytes(long number) {
    return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
  }

  static long number(byte[] digits) {
    return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
  }

  /// Milliseconds since 1970 of a reply to `TIME`: seconds and microseconds.
  static long millis(@Nullable Object time) {
    List<?> parts = (List<?>) Objects.requireNonNull(time);
    return number((byte[]) parts.get(0)) * 1_000 + number((byte[]) parts.get(1)) / 1_000;
  }
}
