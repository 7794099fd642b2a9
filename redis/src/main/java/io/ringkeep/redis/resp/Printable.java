package io.ringkeep.redis.resp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Foreign bytes in a form that a message can hold: printable ASCII, the rest as `\xNN`, cut when
/// long.
public final class Printable {
  private static final int MAX_BYTES = 200;

  private Printable() {}

  /// The text, whose characters are bytes.
  public static String of(String text) {
    return of(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public static String of(byte[] bytes) {
    return of(ByteBuffer.wrap(bytes));
  }

  /// The bytes between position and limit, which stay where they are.
  public static String of(ByteBuffer bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(bytes.remaining(), MAX_BYTES); i++) {
      int b = Byte.toUnsignedInt(bytes.get(bytes.position() + i));
      if (b >= ' ' && b <= '~' && b != '\\') {
        text.append((char) b);
      } else {
        text.append("\\x%02x".formatted(b));
      }
    }
    return bytes.remaining() <= MAX_BYTES
        ? text.toString()
        : text + "…(" + bytes.remaining() + " bytes)";
  }
}
