package io.ringkeep.capture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.SlotRange;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FullReadTest {
  private static final String TASK =
      "1f".repeat(20) + ":" + "a".repeat(40) + ":" + "b".repeat(40) + ":";

  private final List<String> keys = new ArrayList<>();

  /// An RDB as Redis 8.4 writes it, with a key in slot 0 and one in slot 12182.
  private static byte[] rdb(String task) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("REDIS0012".getBytes(ISO_8859_1));
    bytes.write(0xfa);
    string(bytes, "cluster-asm-task");
    string(bytes, task);
    bytes.write(0xfe);
    bytes.write(0);
    for (String key : List.of("{06S}", "foo")) {
      bytes.write(0);
      string(bytes, key);
      string(bytes, "value");
    }
    bytes.write(0xff);
    bytes.writeBytes(new byte[8]);
    return bytes.toByteArray();
  }

  private static void string(ByteArrayOutputStream bytes, String text) {
    // A length of 14 bits.
    bytes.write(0x40 | text.length() >> 8);
    bytes.write(text.length());
    bytes.writeBytes(text.getBytes(ISO_8859_1));
  }

  private FullRead.Dataset read(String task) throws IOException {
    keys.clear();
    return FullRead.file(
        Channels.newChannel(new ByteArrayInputStream(rdb(task))),
        Instant.EPOCH,
        HashKey.of(new byte[16]),
        Deadline.in(Duration.ofMinutes(1), "test"),
        Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
        Progress.silent().begin("", OptionalLong.empty()),
        (_, _, record) -> keys.add(ISO_8859_1.decode(record.key()).toString()));
  }

  @Test
  void read_slotsThatRedisMovesHereAsAWhole_leavesTheirKeysOut() throws IOException {
    FullRead.Dataset dataset = read(TASK + "import:accumulate-buffer:0-3 9-9");
    assertThat(keys).containsExactly("foo");
    assertThat(dataset.records()).isEqualTo(1);
    assertThat(dataset.arriving()).containsExactly(new SlotRange(0, 3), new SlotRange(9, 9));
  }

  @Test
  void read_slotsThatRedisMovesAwayOrNone_hasAllKeys() throws IOException {
    for (String task : List.of(TASK + "migrate:send-stream:0-3", "")) {
      assertThat(read(task).arriving()).isEmpty();
      assertThat(keys).containsExactly("{06S}", "foo");
    }
  }

  @Test
  void read_moveToldInAnotherWay_isRefused() {
    for (String task : List.of("something", TASK + "import:streaming-buffer:0;3")) {
      assertThatThrownBy(() -> read(task))
          .isInstanceOf(UnsupportedFormat.class)
          .hasMessageContaining(task);
    }
  }
}
