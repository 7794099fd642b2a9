package io.ringkeep.recover;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.redis.stream.SlotImports.Arrival;
import io.ringkeep.redis.stream.StreamCutter;
import io.ringkeep.repository.log.Segment;
import io.ringkeep.repository.log.StreamState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamPassTest {
  private static final String ESTABLISH =
      command(
          "CLUSTER",
          "SYNCSLOTS",
          "ESTABLISH",
          "SOURCE",
          "abc",
          "NAME",
          "job",
          "SLOTSRANGE",
          "3",
          "5",
          "9",
          "9");
  private static final String FINISH =
      command("CLUSTER", "SYNCSLOTS", "FINISH", "STATE", "SUCCESS", "NAME", "job", "MESSAGE", "");
  private static final Segment SEGMENT = segment();

  private final StringBuilder sent = new StringBuilder();

  private static Segment segment() {
    StreamState state = new StreamState(/* database= */ 0, /* insideTransaction= */ false);
    return new Segment(
        "r",
        0,
        1_000,
        state,
        state,
        Optional.empty(),
        "",
        Instant.EPOCH,
        Instant.EPOCH,
        "valkey 9.1.2",
        List.of(1_000L),
        List.of());
  }

  private static String command(String... words) {
    StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      text.append("$%d\r\n%s\r\n".formatted(word.length(), word));
    }
    return text.toString();
  }

  /// Passes a stream on in pieces.
  private StreamPass pass(String text, int pieceBytes) throws IOException {
    StreamCutter cutter = new StreamCutter(0, 0, /* insideTransaction= */ false, 2);
    StreamPass pass =
        new StreamPass(bytes -> sent.append(ISO_8859_1.decode(bytes)), cutter, Optional.empty());
    for (int at = 0; at < text.length(); at += pieceBytes) {
      String piece = text.substring(at, Math.min(at + pieceBytes, text.length()));
      pass.pass(ByteBuffer.wrap(piece.getBytes(ISO_8859_1)), SEGMENT);
    }
    return pass;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 11, 1_000})
  void pass_inAnyPieces_leavesOutWhatIsForClustersAlone(int pieceBytes) throws IOException {
    String set = command("SET", "CLUSTER", "SYNCSLOTS");
    String tail = command("MULTI") + command("DEL", "k") + command("EXEC") + "PING\r\n\n";
    String unknown = command("CLUSTER", "SYNCSLOTS", "SOMETHING") + command("CLUST", "SETSLOT");

    StreamPass pass =
        pass(
            set
                + ESTABLISH
                + command("cluster", "setslot", "3", "NODE", "abc")
                + set
                + command("CLUSTER", "SYNCSLOTS", "ACK")
                + unknown
                + FINISH
                + tail
                + command("CLUSTER", "SETSLOT", "4", "NODE", "abc"),
            pieceBytes);

    assertThat(sent.toString()).isEqualTo(set + set + unknown + tail);
    assertThat(pass.commands()).isEqualTo(4); // SET, SET, CLUST, DEL
    BitSet slots = BitSet.valueOf(new long[] {0b10_0011_1000});
    assertThat(pass.imports().arrivals())
        .singleElement()
        .satisfies(arrival -> assertThat(arrival.source()).isEqualTo("abc"))
        .extracting(Arrival::slots)
        .isEqualTo(slots);
    assertThat(pass.imports().arriving()).isEqualTo(new BitSet());
  }

  @Test
  void pass_importThatHasNotEnded_isArriving() throws IOException {
    StreamPass pass = pass(ESTABLISH, 1_000);

    assertThat(pass.imports().arriving().stream()).containsExactly(3, 4, 5, 9);
    assertThat(pass.imports().isArriving(9)).isTrue();
    assertThat(pass.imports().isArriving(6)).isFalse();
  }

  @Test
  void pass_importThatFails_leavesNothing() throws IOException {
    StreamPass pass = pass(ESTABLISH + FINISH.replace("$7\r\nSUCCESS", "$6\r\nFAILED"), 1_000);

    assertThat(pass.imports().arriving().isEmpty()).isTrue();
    assertThat(pass.imports().arrivals()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 1_000})
  void pass_slotsThatRedisMovesAsAWhole_isRefusedByName(int pieceBytes) {
    String task = "1f".repeat(20) + ":" + "a".repeat(40) + ":" + "b".repeat(40);
    String set = command("SET", "TRIMSLOTS", "1");
    for (String told :
        List.of(
            command("CLUSTER", "SYNCSLOTS", "CONF", "ASM-TASK", task + ":import:connecting:0-9"),
            command("TRIMSLOTS", "RANGES", "1", "0", "9"))) {
      assertThatThrownBy(() -> pass(set + told + set, pieceBytes))
          .isInstanceOf(NotFound.class)
          .hasMessageContaining("command=" + told.split("\r\n", 3)[2].split("\r\n", 2)[0])
          .hasMessageContaining("offset=" + (set.length() + told.length()));
    }
  }

  @Test
  void pass_endOfAnImportThatBeganBeforeTheBase_isRefused() {
    assertThatThrownBy(() -> pass(FINISH, 1_000))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("job");
  }
}
