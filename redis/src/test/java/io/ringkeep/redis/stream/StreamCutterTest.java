package io.ringkeep.redis.stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamCutterTest {
  private static final String STREAM =
      command("SELECT", "3")
          + command("SET", "k", "v\r\n*1\r\n$4\r\nEXEC\r\n")
          + "PING\r\n"
          + "\n"
          + command("MULTI")
          + command("select", "11")
          + command("RPUSH", "list", "", "x")
          + command("EXEC")
          + command("FLUSHALL")
          + "*0\r\n"
          + command("REPLCONF", "GETACK", "*");

  private static String command(String... words) {
    StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      text.append("$%d\r\n%s\r\n".formatted(word.length(), word));
    }
    return text.toString();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
  }

  private static StreamCutter cutter(long offset) {
    return new StreamCutter(offset, /* database= */ 0, /* insideTransaction= */ false, 8);
  }

  private static List<StreamCommand> cut(StreamCutter cutter, String text, int pieceBytes) {
    List<StreamCommand> commands = new ArrayList<>();
    for (int at = 0; at < text.length(); at += pieceBytes) {
      cutter.feed(
          bytes(text.substring(at, Math.min(at + pieceBytes, text.length()))), commands::add);
    }
    return commands;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 1_000})
  void feed_inAnyPieces_cutsTheSameCommands(int pieceBytes) {
    StreamCutter cutter = cutter(1_000);
    List<StreamCommand> commands = cut(cutter, STREAM, pieceBytes);

    assertThat(commands)
        .extracting(StreamCommand::name)
        .containsExactly(
            "SELECT",
            "SET",
            "PING",
            "",
            "MULTI",
            "SELECT",
            "RPUSH",
            "EXEC",
            "FLUSHALL",
            "",
            "REPLCONF");
    assertThat(commands)
        .extracting(StreamCommand::database)
        .containsExactly(3, 3, 3, 3, 3, 11, 11, 11, 11, 11, 11);
    assertThat(commands)
        .extracting(StreamCommand::endsTransaction)
        .containsExactly(true, true, true, true, false, false, false, true, true, true, true);
    assertThat(commands.get(1).kept()).containsExactly("SET", "k", "v\r\n*1\r\n$4\r\nEXEC\r\n");
    assertThat(commands.get(6).kept()).containsExactly("RPUSH", "list", "", "x");
    long offset = 1_000;
    for (StreamCommand command : commands) {
      assertThat(command.start()).isEqualTo(offset);
      offset = command.end();
    }
    assertThat(offset).isEqualTo(1_000 + STREAM.length());
    assertThat(cutter.commandEnd()).isEqualTo(cutter.offset()).isEqualTo(offset);
  }

  @Test
  void feed_sinkHasEnough_stopsBehindTheCommand() {
    StreamCutter cutter = cutter(0);
    ByteBuffer bytes = bytes(STREAM);
    cutter.feed(bytes, command -> !command.name().equals("MULTI"));

    assertThat(cutter.insideTransaction()).isTrue();
    assertThat(cutter.offset()).isEqualTo(bytes.position());
    assertThat(STREAM.substring(bytes.position())).startsWith(command("select", "11"));
  }

  @Test
  void feed_unfinishedCommand_isNotCounted() {
    StreamCutter cutter = cutter(0);
    cut(cutter, command("MULTI") + "*2\r\n$3\r\nDEL\r\n$5\r\nab", 100);

    assertThat(cutter.commandEnd()).isEqualTo(command("MULTI").length());
    assertThat(cutter.offset()).isEqualTo(cutter.commandEnd() + 19);
  }

  @Test
  void feed_halfAGibibyteValue_keepsItsBeginningOnly() {
    int size = 512 << 20;
    StreamCutter cutter = cutter(0);
    List<StreamCommand> commands = new ArrayList<>();
    cutter.feed(bytes("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n".formatted(size)), commands::add);
    ByteBuffer part = ByteBuffer.allocate(1 << 20);
    for (int i = 0; i < 512; i++) {
      cutter.feed(part.clear(), commands::add);
    }
    assertThat(commands).isEmpty();
    cutter.feed(bytes("\r\n" + command("PING")), commands::add);

    assertThat(commands).hasSize(2);
    assertThat(commands.getFirst().kept().get(2)).hasSize(StreamCutter.KEPT_BYTES);
    assertThat(commands.getFirst().text()).hasSizeLessThan(100).startsWith("SET k \\x00");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$3\r\nfoo\r\n",
        "*1\r\n:3\r\n",
        "*-1\r\n",
        "*1\r\n$x\r\n",
        "*1\r\n$-1\r\n",
        "*1\r\n$3\r\nfooX\n",
        "*\r\n",
        "*99999999999999999999\r\n",
        "\u0001\u0002",
        "*2\r\n$6\r\nSELECT\r\n$1\r\nx\r\n"
      })
  void feed_whatIsNoCommand_isDamage(String text) {
    assertThatThrownBy(() -> cut(cutter(0), command("PING") + text, 100))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("command=14");
  }

  @Test
  void feed_randomBytesBehindACommand_neverRunsAway() {
    Random random = new Random(4);
    for (int round = 0; round < 500; round++) {
      byte[] noise = new byte[64];
      random.nextBytes(noise);
      StreamCutter cutter = cutter(0);
      try {
        cutter.feed(ByteBuffer.wrap(noise), command -> true);
      } catch (CorruptData e) {
        assertThat(cutter.offset()).isLessThanOrEqualTo(noise.length);
      }
      assertThat(cutter.commandEnd()).isLessThanOrEqualTo(noise.length);
    }
  }

  @Test
  void text_ofManyWords_isCutAndPrintable() {
    List<StreamCommand> commands =
        cut(cutter(0), command("DEL", "a", "b", "c", "d", "e\u0001", "f", "g", "h", "i"), 100);
    assertThat(commands.getFirst().text()).isEqualTo("DEL a b c d e\\x01 … (10 words)");
    assertThat(commands.getFirst().changesData()).isTrue();
  }
}
