package io.ringkeep.repository.log;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.store.memory.MemoryStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Segments as format 1 has them for ever.
class GoldenSegmentTest {
  private static final String OLD = "0123456789".repeat(4);
  private static final String NEW = "abcdef9876".repeat(4);
  private static final Instant NOW = Instant.parse("2026-11-23T06:00:00Z");
  private static final String FIRST = "*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*1\r\n$5\r\nMULTI\r\n";
  private static final String SECOND =
      "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\n%s\r\n*1\r\n$4\r\nEXEC\r\n".formatted("v".repeat(100));

  private final MemoryStore store = new MemoryStore();
  private final ShardLog log =
      new ShardLog(
          store,
          new SealedObjects(
              store, "0".repeat(32), Encryption.NONE, Optional.empty(), new Random(1)),
          "orders",
          "0");
  private final SegmentName first = new SegmentName("orders", "0", OLD, 1_000, 1_038);
  private final SegmentName second = new SegmentName("orders", "0", NEW, 1_038, 1_180);

  @Test
  void golden_segments_areReadAndWrittenTheSame() throws IOException {
    store.put(first.key(), golden("1-first.rkob"));
    store.put(second.key(), golden("1-second.rkob"));

    List<Stretch> stretches = log.stretches();
    assertThat(stretches).hasSize(1);
    StretchReader reader = log.read(stretches.getFirst(), 1_000);
    assertThat(text(reader.next())).isEqualTo(FIRST);
    assertThat(text(reader.next())).isEqualTo(SECOND);
    assertThat(reader.segment().marks()).isEqualTo(secondDraft().marks());
    assertThat(reader.segment().engine()).isEqualTo("Redis 7.0.15");

    store.delete(first.key());
    store.delete(second.key());
    write();
    assertThat(store.read(first.key())).isEqualTo(golden("1-first.rkob"));
    // What zstd makes of the second one is its own affair, from one version to the next.
    assertThat(text(log.read(log.stretches().getFirst(), 1_038).next())).isEqualTo(SECOND);
  }

  /// Reads it as the specification says, with none of the product's code.
  @Test
  void golden_segment_isReadableByItsSpecification() throws Exception {
    ByteBuffer object = golden("1-second.rkob");
    ByteBuffer content = object.slice(44, object.limit() - 44 - 4 - 32);
    assertThat(content.getInt(0)).isEqualTo(0x524b4c47);
    int head = content.getInt(8);
    assertThat(content.getLong(12)).isEqualTo(1_038);
    assertThat(content.getLong(20)).isEqualTo(1_180);
    assertThat(content.getInt(28)).isEqualTo(3);
    assertThat(content.get(32)).isEqualTo((byte) 1);
    byte[] stored = new byte[content.getInt(head + 4)];
    content.get(head + 8, stored);
    byte[] raw = new byte[content.getInt(head)];
    Zstd.decompress(raw, stored);
    assertThat(new String(raw, US_ASCII)).isEqualTo(SECOND);

    MessageDigest chain = MessageDigest.getInstance("SHA-256");
    chain.update(new byte[32]);
    chain.update(ByteBuffer.allocate(16).putLong(1_000).putLong(1_038).flip());
    chain.update(MessageDigest.getInstance("SHA-256").digest(FIRST.getBytes(US_ASCII)));
    byte[] before = new byte[32];
    content.get(118, before);
    assertThat(HexFormat.of().formatHex(before))
        .isEqualTo(HexFormat.of().formatHex(chain.digest()));
  }

  private void write() throws IOException {
    try (LogWriter writer = log.begin(OLD, 1_000, StreamState.INITIAL)) {
      writer.append(
          new LogWriter.Draft(
              1_038,
              new StreamState(3, /* insideTransaction= */ true),
              NOW,
              NOW.plusMillis(20),
              "Redis 7.0.15",
              List.of(new Mark(Mark.Kind.SAMPLE, 1_000, 1_795_413_600_000_001L, 0, "run-of-old"))),
          Channels.newChannel(new ByteArrayInputStream(FIRST.getBytes(US_ASCII))));
      writer.continueAs(NEW);
      writer.append(
          secondDraft(), Channels.newChannel(new ByteArrayInputStream(SECOND.getBytes(US_ASCII))));
    }
  }

  private static LogWriter.Draft secondDraft() {
    return new LogWriter.Draft(
        1_180,
        new StreamState(3, /* insideTransaction= */ false),
        NOW.plusMillis(20),
        NOW.plusMillis(99),
        "Redis 7.0.15",
        List.of(
            new Mark(Mark.Kind.ARRIVAL, 1_100, 1_795_413_600_200_000L, 200_000, "run-of-new"),
            new Mark(Mark.Kind.SAMPLE, 1_180, 1_795_413_601_000_000L, 0, "run-of-new")));
  }

  private static String text(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return new String(copy, US_ASCII);
  }

  private static ByteBuffer golden(String file) throws IOException {
    try (InputStream in = GoldenSegmentTest.class.getResourceAsStream("/golden/log/" + file)) {
      assertThat(in).as(file).isNotNull();
      return ByteBuffer.wrap(in.readAllBytes());
    }
  }
}
