package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class GlobTest {
  private static boolean matches(String pattern, String latin1) {
    return Glob.ofShown(pattern)
        .matches(ByteBuffer.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @Test
  void ofShown_bytesAsNamesShowThem_areThoseBytes() {
    assertThat(matches("bin\\x00\\xff*", "bin\0\u00ffkey")).isTrue();
    assertThat(matches("bin\\x00\\xff*", "binx00xffkey")).isFalse();
    assertThat(matches("line\\nend\\x2a", "line\nend*")).isTrue();
    assertThat(matches("line\\nend\\x2a", "line\nendless")).isFalse();
    assertThat(matches("[\\x80-\\x90]", "\u0085")).isFalse(); // No range: escaped, as in a server.
    assertThat(matches("[\\x80\\x85]", "\u0085")).isTrue();
  }

  @Test
  void ofShown_whatServersEscape_staysEscaped() {
    assertThat(matches("a\\*b", "a*b")).isTrue();
    assertThat(matches("a\\*b", "axb")).isFalse();
    assertThat(matches("a\\\\b", "a\\b")).isTrue();
    assertThat(matches("a\\[b", "a[b")).isTrue();
    assertThat(matches("end\\", "end\\")).isTrue();
    assertThat(matches("\\xZZ", "xZZ")).isTrue();
    assertThat(matches("h?llo*", "hello you")).isTrue();
  }
}
