package io.ringkeep.repository.log;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// The layout of a segment: the content of a sealed object.
///
/// FORMAT (big-endian)
///
/// | offset | bytes | field                                                              |
/// |--------|-------|--------------------------------------------------------------------|
/// | 0      | 4     | magic `RKLG`                                                       |
/// | 4      | 2     | format, 1                                                          |
/// | 6      | 2     | zero                                                               |
/// | 8      | 4     | length of the head, these bytes included                           |
/// | 12     | 8     | start offset                                                       |
/// | 20     | 8     | end offset                                                         |
/// | 28     | 5     | state at the start: database (4), 1 inside a transaction, else 0   |
/// | 33     | 5     | state at the end                                                   |
/// | 38     | 40    | replid, ASCII                                                      |
/// | 78     | 40    | replid of the segment before, zero bytes if there is none          |
/// | 118    | 32    | chain: digest of what comes before                                 |
/// | 150    | 8     | captured from, milliseconds since 1970                             |
/// | 158    | 8     | captured until                                                     |
/// | 166    | 1 + n | engine: length, ASCII                                              |
/// | …      | 4     | number of links, then each one's end offset (8), the last being the segment's |
/// | …      | 1     | number of servers, then each as length and ASCII                   |
/// | …      | 4     | number of marks, then each: kind (1), server (1), offset (8), time (8), bound (8) |
/// | head   | …     | frames until the end of the content                                |
///
/// A frame is the length of its bytes (4, at most 1 MiB), the length of them as stored (4), and the
/// bytes as stored: zstd, or as they are where both lengths are equal.
///
/// CHAIN: behind a link it is the SHA-256 of the chain before, the link's start and end (8 bytes
/// each), and the SHA-256 of the bytes between them. A segment is written with one link; one that
/// several were merged into has theirs, so that the chain goes on as if nothing had happened.
///
/// VALIDITY: frames hold exactly `end - start` bytes. A segment begins and ends between commands.
///
/// READING: head first; it says whether the segment is wanted. The chain of what was read is
/// compared with the one in the head of the segment behind.
///
/// RECOVERY: an object is whole or absent, so the end of the log is the end of its last segment.
final class SegmentFormat {
  static final int FORMAT = 1;
  static final int FRAME_BYTES = 1 << 20;
  static final int FRAME_HEAD_BYTES = 8;

  /// Up to and including the length of the head.
  static final int PREFIX_BYTES = 12;

  static final String NO_CHAIN = "0".repeat(64);

  private static final int MAGIC = 0x524b4c47;
  private static final int MOST_HEAD_BYTES = 64 << 20;
  private static final int REPLID_BYTES = 40;
  private static final int CHAIN_BYTES = 32;
  private static final int FIXED_BYTES = 166;
  private static final int MARK_BYTES = 26;
  private static final String NO_REPLID = "\0".repeat(REPLID_BYTES);
  private static final String HINT = "run 'verify' to learn what is affected, and use another copy";

  private SegmentFormat() {}

  /// How many bytes its head takes.
  static long headBytes(Segment segment) {
    return headBytes(segment, servers(segment));
  }

  private static long headBytes(Segment segment, List<String> servers) {
    long bytes =
        FIXED_BYTES
            + 1
            + segment.engine().length()
            + 4
            + (long) segment.links().size() * Long.BYTES
            + 1
            + 4
            + (long) segment.marks().size() * MARK_BYTES;
    for (String server : servers) {
      bytes += 1 + server.length();
    }
    return bytes;
  }

  private static List<String> servers(Segment segment) {
    return segment.marks().stream().map(Mark::server).distinct().toList();
  }

  /// The head's bytes.
  ///
  /// @throws IllegalArgumentException if there are so many that nobody would read them
  static ByteBuffer encode(Segment segment) {
    byte[] engine = ascii(segment.engine());
    List<String> servers = servers(segment);
    long wanted = headBytes(segment, servers);
    if (wanted > MOST_HEAD_BYTES) {
      throw new IllegalArgumentException("segment's head is too long: bytes=" + wanted);
    }
    int length = (int) wanted;
    ByteBuffer head = ByteBuffer.allocateDirect(length);
    head.putInt(MAGIC).putShort((short) FORMAT).putShort((short) 0).putInt(length);
    head.putLong(segment.start()).putLong(segment.end());
    put(head, segment.before());
    put(head, segment.after());
    head.put(ascii(segment.replid())).put(ascii(segment.continues().orElse(NO_REPLID)));
    head.put(HexFormat.of().parseHex(segment.chain()));
    head.putLong(segment.capturedFrom().toEpochMilli());
    head.putLong(segment.capturedUntil().toEpochMilli());
    head.put((byte) engine.length).put(engine);
    head.putInt(segment.links().size());
    segment.links().forEach(head::putLong);
    head.put((byte) servers.size());
    for (String server : servers) {
      head.put((byte) server.length()).put(ascii(server));
    }
    head.putInt(segment.marks().size());
    for (Mark mark : segment.marks()) {
      head.put((byte) mark.kind().code()).put((byte) servers.indexOf(mark.server()));
      head.putLong(mark.offset()).putLong(mark.timeMicros()).putLong(mark.boundMicros());
    }
    return head.flip();
  }

  private static void put(ByteBuffer head, StreamState state) {
    head.putInt(state.database()).put((byte) (state.insideTransaction() ? 1 : 0));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// Checks the first bytes.
  ///
  /// @param prefix [#PREFIX_BYTES] of them
  /// @return the length of the head
  static int headBytes(String name, ByteBuffer prefix) {
    if (prefix.getInt(0) != MAGIC) {
      throw corrupt(name, "not a segment of a log: magic=%08x".formatted(prefix.getInt(0)));
    }
    int format = Short.toUnsignedInt(prefix.getShort(4));
    if (format != FORMAT) {
      throw new UnsupportedFormat(
          "segment's format is not supported: object=%s format=%d newest=%d"
              .formatted(name, format, FORMAT),
          "use the version of Ringkeep that wrote it, or a newer one");
    }
    int length = prefix.getInt(8);
    if (length < FIXED_BYTES || length > MOST_HEAD_BYTES) {
      throw corrupt(name, "segment's head has no such length: bytes=" + length);
    }
    return length;
  }

  /// Reads a head.
  ///
  /// @param head all of it, from position 0 on
  static Segment decode(SegmentName name, ByteBuffer head) {
    String key = name.key();
    try {
      head.position(PREFIX_BYTES);
      long start = head.getLong();
      long end = head.getLong();
      StreamState before = state(head);
      StreamState after = state(head);
      String replid = text(head, REPLID_BYTES);
      String continues = text(head, REPLID_BYTES);
      byte[] chain = new byte[CHAIN_BYTES];
      head.get(chain);
      Instant from = Instant.ofEpochMilli(head.getLong());
      Instant until = Instant.ofEpochMilli(head.getLong());
      String engine = text(head, Byte.toUnsignedInt(head.get()));
      List<Long> links = links(head);
      List<Mark> marks = marks(head);
      if (start != name.start() || end != name.end() || !replid.equals(name.replid())) {
        throw corrupt(
            key, "segment is another one: replid=%s start=%d end=%d".formatted(replid, start, end));
      }
      if (head.hasRemaining()) {
        throw corrupt(key, "segment's head is too long: bytes=" + head.remaining());
      }
      return new Segment(
          replid,
          start,
          end,
          before,
          after,
          continues.equals(NO_REPLID) ? Optional.empty() : Optional.of(continues),
          HexFormat.of().formatHex(chain),
          from,
          until,
          engine,
          links,
          marks);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new CorruptData(
          "segment's head cannot be read: object=%s reason=%s".formatted(key, e.getMessage()),
          HINT,
          e);
    }
  }

  private static List<Long> links(ByteBuffer head) {
    int count = head.getInt();
    if (count < 1 || (long) count * Long.BYTES > head.remaining()) {
      throw new IllegalArgumentException("links=" + count);
    }
    List<Long> links = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      links.add(head.getLong());
    }
    return links;
  }

  private static List<Mark> marks(ByteBuffer head) {
    List<String> servers = new ArrayList<>();
    for (int left = Byte.toUnsignedInt(head.get()); left > 0; left--) {
      servers.add(text(head, Byte.toUnsignedInt(head.get())));
    }
    int count = head.getInt();
    if (count < 0 || (long) count * MARK_BYTES > head.remaining()) {
      throw new IllegalArgumentException("marks=" + count);
    }
    List<Mark> marks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Mark.Kind kind =
          switch (head.get()) {
            case 0 -> Mark.Kind.SAMPLE;
            case 1 -> Mark.Kind.ARRIVAL;
            default -> throw new IllegalArgumentException("unknown kind of mark");
          };
      int server = Byte.toUnsignedInt(head.get());
      if (server >= servers.size()) {
        throw new IllegalArgumentException("unknown server of a mark: " + server);
      }
      marks.add(
          new Mark(kind, head.getLong(), head.getLong(), head.getLong(), servers.get(server)));
    }
    return marks;
  }

  private static StreamState state(ByteBuffer head) {
    return new StreamState(
        head.getInt(),
        switch (head.get()) {
          case 0 -> false;
          case 1 -> true;
          default -> throw new IllegalArgumentException("unknown state of a transaction");
        });
  }

  private static String text(ByteBuffer head, int length) {
    byte[] text = new byte[length];
    head.get(text);
    return new String(text, StandardCharsets.US_ASCII);
  }

  /// The chain behind a link.
  ///
  /// @param bytes SHA-256 of its bytes
  static String chain(String before, long start, long end, byte[] bytes) {
    MessageDigest digest = sha256();
    digest.update(HexFormat.of().parseHex(before));
    digest.update(ByteBuffer.allocate(16).putLong(start).putLong(end).flip());
    return HexFormat.of().formatHex(digest.digest(bytes));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  static CorruptData corrupt(String name, String what) {
    return new CorruptData(what + " object=" + name, HINT, null);
  }
}
