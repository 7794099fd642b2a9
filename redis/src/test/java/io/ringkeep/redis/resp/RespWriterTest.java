package io.ringkeep.redis.resp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RespWriterTest {
  private final MemoryWire wire = new MemoryWire("", 1);

  @Test
  void command_ofTextAndNumbers_isAnArrayOfBulks() throws IOException {
    new RespWriter(wire, 0).command("SELECT", "é").array(2).bulk(-7).bulk(1234567890123L).flush();
    assertThat(wire.written())
        .isEqualTo(
            "*2\r\n$6\r\nSELECT\r\n$2\r\n\u00c3\u00a9\r\n*2\r\n$2\r\n-7\r\n$13\r\n1234567890123\r\n");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 9, 10, -1, Long.MAX_VALUE, Long.MIN_VALUE + 1})
  void bulk_ofAnyNumber_isItsDigits(long number) throws IOException {
    new RespWriter(wire, 0).bulk(number).flush();
    String digits = Long.toString(number);
    assertThat(wire.written()).isEqualTo("$" + digits.length() + "\r\n" + digits + "\r\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 32 * 1024 - 1, 32 * 1024, 32 * 1024 + 1, 1_000_000})
  void raw_ofAnySize_keepsItsOrderAndTheBuffer(int bytes) throws IOException {
    ByteBuffer value = ByteBuffer.allocateDirect(bytes + 2);
    for (int i = 0; i < value.capacity(); i++) {
      value.put(i, (byte) ('a' + i % 26));
    }
    value.position(1).limit(bytes + 1);
    RespWriter out = new RespWriter(wire, 40_000);
    // Twice: the second meets a buffer that is partly full.
    out.bulk(value).bulk(value).flush();
    byte[] expected = new byte[bytes];
    value.duplicate().get(expected);
    String once =
        "$"
            + bytes
            + "\r\n"
            + new String(expected, java.nio.charset.StandardCharsets.ISO_8859_1)
            + "\r\n";
    assertThat(wire.written()).isEqualTo(once + once);
    assertThat(value.position()).isEqualTo(1);
    assertThat(value.limit()).isEqualTo(bytes + 1);
  }

  @Test
  void smallWrites_moreThanTheBuffer_allArriveInOrder() throws IOException {
    RespWriter out = new RespWriter(wire, 0);
    StringBuilder expected = new StringBuilder();
    byte[] word = new byte[100];
    Arrays.fill(word, (byte) 'w');
    for (int i = 0; i < 2_000; i++) {
      out.array(1).bulk(word);
      expected.append("*1\r\n$100\r\n").append("w".repeat(100)).append("\r\n");
    }
    out.flush();
    assertThat(wire.written()).isEqualTo(expected.toString());
  }

  @Test
  void printable_ofForeignBytes_showsThemEscapedAndCut() {
    assertThat(Printable.of("a b\\\n\u00e9~")).isEqualTo("a b\\x5c\\x0a\\xe9~");
    assertThat(Printable.of("k".repeat(201))).isEqualTo("k".repeat(200) + "…(201 bytes)");
    ByteBuffer part = ByteBuffer.wrap(new byte[] {'a', 'b', 'c'}).position(1);
    assertThat(Printable.of(part)).isEqualTo("bc");
    assertThat(part.position()).isEqualTo(1);
  }
}
