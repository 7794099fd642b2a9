package io.ringkeep.redis;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A pattern as servers have it in `KEYS` and `SCAN … MATCH`: `*`, `?`, `[a-c]`, `[^a]`, and `\`
/// before a character that stands for itself. It speaks of bytes and is matched against the whole
/// name.
///
/// Source: `stringmatchlen` in `util.c`.
public final class Glob {
  private final String text;
  private final byte[] pattern;

  private Glob(String text, byte[] pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  /// The pattern that `text` writes in UTF-8.
  public static Glob of(String text) {
    return new Glob(text, text.getBytes(StandardCharsets.UTF_8));
  }

  /// The pattern that a person types, who has seen names as [EscapedText] shows them: `\xNN`, `\n`,
  /// `\r` and `\t` are the bytes that they show there, not an escaped letter.
  public static Glob ofShown(String text) {
    ByteArrayOutputStream pattern = new ByteArrayOutputStream(text.length());
    int at = 0;
    while (at < text.length()) {
      int next = at + Character.charCount(text.codePointAt(at));
      if (text.charAt(at) == '\\' && next < text.length()) {
        next += Character.charCount(text.codePointAt(next));
        int end = text.charAt(at + 1) == 'x' ? Math.min(text.length(), next + 2) : next;
        ByteBuffer shown = EscapedText.parse(text.substring(at, end));
        if (shown.remaining() == 1) {
          pattern.write('\\'); // One byte, which stands for itself whatever it is.
          pattern.write(shown.get());
          at = end;
          continue;
        }
      }
      pattern.writeBytes(text.substring(at, next).getBytes(StandardCharsets.UTF_8));
      at = next;
    }
    return new Glob(text, pattern.toByteArray());
  }

  /// True if the name between position and limit is matched.
  public boolean matches(ByteBuffer name) {
    int p = 0;
    int n = name.position();
    int starPattern = -1;
    int starName = 0;
    while (n < name.limit()) {
      if (p < pattern.length && pattern[p] == '*') {
        starPattern = ++p;
        starName = n;
        continue;
      }
      int next = p < pattern.length ? step(p, Byte.toUnsignedInt(name.get(n))) : -1;
      if (next >= 0) {
        p = next;
        n++;
      } else if (starPattern >= 0) {
        // The last star takes one byte more; an earlier one never has to.
        p = starPattern;
        n = ++starName;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] == '*') {
      p++;
    }
    return p == pattern.length;
  }

  /// Matches one byte with what stands at `p`.
  ///
  /// @return where the pattern goes on; -1 if it does not match
  private int step(int p, int b) {
    return switch (pattern[p]) {
      case '?' -> p + 1;
      case '[' -> range(p + 1, b);
      case '\\' -> literal(p + 1 < pattern.length ? p + 1 : p, b);
      default -> literal(p, b);
    };
  }

  private int literal(int p, int b) {
    return Byte.toUnsignedInt(pattern[p]) == b ? p + 1 : -1;
  }

  private int range(int start, int b) {
    int p = start;
    boolean not = p < pattern.length && pattern[p] == '^';
    if (not) {
      p++;
    }
    boolean found = false;
    while (p < pattern.length && pattern[p] != ']') {
      if (pattern[p] == '\\' && p + 1 < pattern.length) {
        p++;
        found |= Byte.toUnsignedInt(pattern[p]) == b;
        p++;
      } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
        int one = Byte.toUnsignedInt(pattern[p]);
        int other = Byte.toUnsignedInt(pattern[p + 2]);
        found |= b >= Math.min(one, other) && b <= Math.max(one, other);
        p += 3;
      } else {
        found |= Byte.toUnsignedInt(pattern[p]) == b;
        p++;
      }
    }
    int next = Math.min(p + 1, pattern.length);
    return found != not ? next : -1;
  }

  @Override
  public String toString() {
    return text;
  }
}
