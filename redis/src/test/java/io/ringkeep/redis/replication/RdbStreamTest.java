package io.ringkeep.redis.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.resp.MemoryWire;
import io.ringkeep.redis.resp.RespReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RdbStreamTest {
  private static final Endpoint SERVER = new Endpoint("h", 1);
  private static final Duration SILENCE = Duration.ofSeconds(1);
  private static final String MARK = "7de5cb4509451a5b1c97aafb50a8a8e1cb249abd";

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 39, 40, 41, 64, 81, 4096})
  void upToMark_piecesAndBuffersOfAnySize_givesExactlyTheRdb(int pieceBytes) throws IOException {
    for (int length : new int[] {0, 1, 39, 40, 41, 79, 80, 81, 1000}) {
      byte[] rdb = random(length);
      for (int bufferBytes : new int[] {1, 2, 40, 79, 80, 81, 200, 5000}) {
        RdbStream stream = upToMark(join(rdb, MARK), pieceBytes);
        assertThat(readAll(stream, bufferBytes))
            .as("length=%d buffer=%d", length, bufferBytes)
            .isEqualTo(rdb);
        assertThat(stream.ended()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 41, 4096})
  void upToMark_cutAnywhere_isNeverASuccess(int pieceBytes) {
    byte[] whole = join(random(200), MARK);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> readAll(upToMark(cut, pieceBytes), 100))
          .isInstanceOf(Unavailable.class)
          .hasMessage("source went away in mid-RDB: server=h:1 bytes=" + length);
    }
  }

  @Test
  void upToMark_anotherMarkAtTheEnd_isNoEnd() {
    String other = MARK.substring(0, 39) + "e";
    assertThatThrownBy(() -> readAll(upToMark(join(random(100), other), 64), 100))
        .isInstanceOf(Unavailable.class);
  }

  @Test
  void upToMark_partsOfTheMarkWithin_areData() throws IOException {
    byte[] rdb =
        join(
            join(MARK.substring(1).getBytes(StandardCharsets.US_ASCII), MARK.substring(0, 39)),
            "x");
    assertThat(readAll(upToMark(join(rdb, MARK), 1), 64)).isEqualTo(rdb);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 100, 4096})
  void ofLength_streamBehindIt_staysForItsReader(int pieceBytes) throws IOException {
    byte[] rdb = random(1000);
    RespReader source = new RespReader(new MemoryWire(join(rdb, "*1\r\n"), pieceBytes));
    for (int bufferBytes : new int[] {333}) {
      RdbStream stream = new RdbStream.OfLength(source, SERVER, SILENCE, rdb.length);
      assertThat(readAll(stream, bufferBytes)).isEqualTo(rdb);
    }
    assertThat(source.line(SILENCE)).isEqualTo("*1");
  }

  @Test
  void ofLength_cutAnywhere_isNeverASuccess() {
    byte[] whole = random(100);
    for (int length = 0; length < whole.length; length++) {
      RespReader source =
          new RespReader(new MemoryWire(java.util.Arrays.copyOf(whole, length), 64));
      RdbStream stream = new RdbStream.OfLength(source, SERVER, SILENCE, whole.length);
      assertThatThrownBy(() -> readAll(stream, 30))
          .isInstanceOf(Unavailable.class)
          .hasMessage("source went away in mid-RDB: server=h:1 bytes=" + length + " expected=100");
    }
  }

  @Test
  void ofLength_zero_endsAtOnce() throws IOException {
    RespReader source = new RespReader(new MemoryWire("x", 1));
    RdbStream stream = new RdbStream.OfLength(source, SERVER, SILENCE, 0);
    assertThat(stream.read(ByteBuffer.allocate(10))).isEqualTo(-1);
  }

  @Test
  void read_afterClose_fails() {
    RdbStream stream = upToMark(join(random(10), MARK), 64);
    stream.close();
    assertThat(stream.isOpen()).isFalse();
    assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(100)))
        .isInstanceOf(ClosedChannelException.class);
  }

  private static RdbStream upToMark(byte[] bytes, int pieceBytes) {
    return new RdbStream.UpToMark(
        new RespReader(new MemoryWire(bytes, pieceBytes)),
        SERVER,
        SILENCE,
        MARK.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] readAll(RdbStream stream, int bufferBytes) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    // Content before the buffer's position must stay untouched.
    ByteBuffer buffer = ByteBuffer.allocateDirect(bufferBytes + 1);
    while (true) {
      buffer.clear().position(1);
      int count = stream.read(buffer);
      if (count < 0) {
        return all.toByteArray();
      }
      assertThat(count).isPositive().isEqualTo(buffer.position() - 1);
      byte[] bytes = new byte[count];
      buffer.get(1, bytes);
      all.writeBytes(bytes);
    }
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] join(byte[] first, String second) {
    byte[] bytes = java.util.Arrays.copyOf(first, first.length + second.length());
    System.arraycopy(
        second.getBytes(StandardCharsets.US_ASCII), 0, bytes, first.length, second.length());
    return bytes;
  }
}
