package io.ringkeep.redis.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RespReaderTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void line_inPiecesOfAnySize_isWhole(int pieceBytes) throws IOException {
    RespReader in = reader("+OK\r\n\n\r\n-ERR no\n+\r\n", pieceBytes);
    assertThat(in.line(TIMEOUT)).isEqualTo("+OK");
    assertThat(in.line(TIMEOUT)).isEmpty();
    assertThat(in.line(TIMEOUT)).isEmpty();
    assertThat(in.line(TIMEOUT)).isEqualTo("-ERR no");
    assertThat(in.line(TIMEOUT)).isEqualTo("+");
    assertThatThrownBy(() -> in.line(TIMEOUT)).isInstanceOf(EOFException.class);
  }

  @Test
  void line_cutBeforeItsEnd_isNoLine() {
    assertThatThrownBy(() -> reader("+FULLRESYNC", 4).line(TIMEOUT))
        .isInstanceOf(EOFException.class);
  }

  @Test
  void line_withoutEnd_isRefusedBeforeItFillsTheMemory() {
    assertThatThrownBy(() -> reader("x".repeat(70_000), 1000).line(TIMEOUT))
        .hasMessage("line too long: bytes=65536");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 1000})
  void command_asArrayAndInline_isItsWords(int pieceBytes) throws IOException {
    RespReader in =
        reader(
            String.join(
                "",
                "*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n",
                "\n",
                "*1\r\n$0\r\n\r\n",
                "  replconf  ACK 7\r\n",
                "*2\r\n$4\r\nAUTH\r\n$4\r\n\r\n\n\u00ff\r\n"),
            pieceBytes);
    assertThat(in.command(TIMEOUT)).isEqualTo(List.of("PSYNC", "?", "-1"));
    assertThat(in.command(TIMEOUT)).isEmpty();
    assertThat(in.command(TIMEOUT)).isEqualTo(List.of(""));
    assertThat(in.command(TIMEOUT)).isEqualTo(List.of("replconf", "ACK", "7"));
    assertThat(in.command(TIMEOUT)).isEqualTo(List.of("AUTH", "\r\n\n\u00ff"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*1\r\n:4\r\n",
        "*x\r\n",
        "*-1\r\n",
        "*1025\r\n",
        "*99999999999\r\n",
        "*1\r\n$65537\r\n",
        "*1\r\n$-1\r\n",
        "*1\r\n$4\r\nPI"
      })
  void command_malformed_isAnError(String bytes) {
    assertThatThrownBy(() -> reader(bytes, 3).command(TIMEOUT)).isInstanceOf(IOException.class);
  }

  @Test
  void read_behindALine_givesEveryByteOnce() throws IOException {
    RespReader in = reader("$5\r\nabcde+OK\r\n", 6);
    assertThat(in.line(TIMEOUT)).isEqualTo("$5");
    ByteBuffer into = ByteBuffer.allocate(5);
    while (into.hasRemaining()) {
      assertThat(in.read(into, TIMEOUT)).isPositive();
    }
    assertThat(new String(into.array(), StandardCharsets.US_ASCII)).isEqualTo("abcde");
    assertThat(in.line(TIMEOUT)).isEqualTo("+OK");
    assertThat(in.read(into.clear(), TIMEOUT)).isEqualTo(-1);
  }

  @Test
  void reader_withBytesReadBefore_startsWithThem() throws IOException {
    RespReader in = new RespReader(new MemoryWire("ING\r\n", 2), new byte[] {'P'});
    assertThat(in.command(TIMEOUT)).isEqualTo(List.of("PING"));
  }

  private static RespReader reader(String bytes, int pieceBytes) {
    return new RespReader(new MemoryWire(bytes, pieceBytes));
  }
}
