package io.ringkeep.redis;

import io.ringkeep.model.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Any bytes as text that a terminal shows and that gives the bytes back.
///
/// What is UTF-8 and visible stands as it is, and all else as in `redis-cli`: `\\`, `\n`, `\r`,
/// `\t`, and `\xNN` for a byte. A space at either end is `\x20`, and no bytes at all are `""`, so
/// that both can be seen.
public final class EscapedText {
  /// Text of the empty string.
  private static final String EMPTY = "\"\"";

  private static final String NAMED = "\\\n\r\t";
  private static final String NAMES = "\\nrt";

  private EscapedText() {}

  /// The bytes between position and limit, which stay where they are.
  public static String of(ByteBuffer bytes) {
    return of(Bytes.of(bytes));
  }

  /// The bytes.
  public static String of(byte[] bytes) {
    if (bytes.length == 0) {
      return EMPTY;
    }
    StringBuilder text = new StringBuilder(bytes.length + 8);
    int at = 0;
    if (bytes.length == 2 && bytes[0] == '"' && bytes[1] == '"') {
      return "\\x22\"";
    }
    while (at < bytes.length) {
      int length = sequence(bytes, at);
      int character = length == 0 ? -1 : codePoint(bytes, at, length);
      boolean edge = at == 0 || at + length == bytes.length;
      if (character < 0 || !visible(character) || (character == ' ' && edge)) {
        int named = character < 0 ? -1 : NAMED.indexOf(character);
        if (named >= 0) {
          text.append('\\').append(NAMES.charAt(named));
        } else {
          for (int i = at; i < at + Math.max(1, length); i++) {
            text.append("\\x").append(HexFormat.of().toHexDigits(bytes[i]));
          }
        }
      } else {
        text.appendCodePoint(character);
      }
      at += Math.max(1, length);
    }
    return text.toString();
  }

  private static boolean visible(int character) {
    if (character == '\\') {
      return false;
    }
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /// Length of the well-formed UTF-8 character at an index; 0 if there is none.
  private static int sequence(byte[] bytes, int at) {
    int first = bytes[at] & 0xff;
    int length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length == 0 || first > 0xf4 || at + length > bytes.length) {
      return 0;
    }
    for (int i = 1; i < length; i++) {
      if ((bytes[at + i] & 0xc0) != 0x80) {
        return 0;
      }
    }
    int character = codePoint(bytes, at, length);
    boolean shortest = length < 3 || character >= (length == 3 ? 0x800 : 0x10000);
    boolean surrogate = character >= 0xd800 && character <= 0xdfff;
    return shortest && !surrogate && character <= Character.MAX_CODE_POINT ? length : 0;
  }

  private static int codePoint(byte[] bytes, int at, int length) {
    int character = length == 1 ? bytes[at] : (bytes[at] & 0xff) & (0xff >> (length + 1));
    for (int i = 1; i < length; i++) {
      character = (character << 6) | (bytes[at + i] & 0x3f);
    }
    return character;
  }

  /// The bytes that [#of] shows so. A backslash that begins none of its forms stands for itself.
  public static ByteBuffer parse(String text) {
    if (text.equals(EMPTY)) {
      return ByteBuffer.allocate(0);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    int at = 0;
    while (at < text.length()) {
      int character = text.codePointAt(at);
      at += Character.charCount(character);
      if (character != '\\' || at == text.length()) {
        bytes.writeBytes(Character.toString(character).getBytes(StandardCharsets.UTF_8));
        continue;
      }
      int named = NAMES.indexOf(text.charAt(at));
      if (named >= 0) {
        bytes.write(NAMED.charAt(named));
        at++;
      } else if (isHex(text, at)) {
        bytes.write(HexFormat.fromHexDigits(text, at + 1, at + 3));
        at += 3;
      } else {
        bytes.write('\\');
      }
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  private static boolean isHex(String text, int at) {
    return text.charAt(at) == 'x'
        && at + 3 <= text.length()
        && HexFormat.isHexDigit(text.charAt(at + 1))
        && HexFormat.isHexDigit(text.charAt(at + 2));
  }

  /// True if the bytes are well-formed UTF-8.
  public static boolean isUtf8(byte[] bytes) {
    try {
      CharBuffer _ =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
