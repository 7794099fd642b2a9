package io.ringkeep.redis.resp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Reads lines, commands and raw bytes from a [Wire], in whatever pieces they come.
///
/// After a [java.net.SocketTimeoutException] nothing is lost: the same call may be made again, as
/// long as it is [#line] or [#read].
public final class RespReader {
  /// The line that answers most commands.
  public static final String OK = "+OK";

  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int MAX_WORDS = 1024;

  private final Wire wire;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);

  public RespReader(Wire wire) {
    this.wire = wire;
  }

  /// @param first bytes that were read off the wire already
  public RespReader(Wire wire, byte[] first) {
    this(wire);
    buffer.clear().put(first).flip();
  }

  /// The next line without its end, `\r\n` or `\n`; empty for a bare newline.
  ///
  /// @param timeout longest silence
  /// @throws EOFException if the stream ends before the line does
  public String line(Duration timeout) throws IOException {
    int scanned = 0;
    while (true) {
      for (int i = buffer.position() + scanned; i < buffer.limit(); i++) {
        if (buffer.get(i) == '\n') {
          return take(i);
        }
      }
      scanned = buffer.remaining();
      if (scanned == buffer.capacity()) {
        throw new IOException("line too long: bytes=" + scanned);
      }
      fill(timeout);
    }
  }

  /// The line up to the newline at `end`, which is taken out too.
  private String take(int end) {
    int start = buffer.position();
    int length = end - start;
    while (length > 0 && buffer.get(start + length - 1) == '\r') {
      length--;
    }
    buffer.position(end + 1);
    if (length == 3
        && buffer.get(start) == '+'
        && buffer.get(start + 1) == 'O'
        && buffer.get(start + 2) == 'K') {
      return OK; // millions of them
    }
    byte[] bytes = new byte[length];
    buffer.get(start, bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /// True if something was received that was not read yet, though perhaps no whole line.
  public boolean hasBuffered() {
    return buffer.hasRemaining();
  }

  /// The next command: an array of strings, or words in a line. Empty for a bare newline.
  ///
  /// @param timeout longest silence
  /// @throws EOFException if the stream ends
  public List<String> command(Duration timeout) throws IOException {
    String head = line(timeout);
    if (!head.startsWith("*")) {
      return head.isBlank() ? List.of() : List.of(head.strip().split("\\s+"));
    }
    int count = length(head, MAX_WORDS);
    List<String> words = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      String bulk = line(timeout);
      if (!bulk.startsWith("$")) {
        throw new IOException("protocol error: expected=$ actual=" + Printable.of(bulk));
      }
      byte[] word = new byte[length(bulk, BUFFER_BYTES)];
      ByteBuffer into = ByteBuffer.wrap(word);
      while (into.hasRemaining()) {
        if (read(into, timeout) < 0) {
          throw new EOFException();
        }
      }
      line(timeout);
      words.add(new String(word, StandardCharsets.ISO_8859_1));
    }
    return words;
  }

  /// Reads raw bytes: those at hand, else straight from the wire.
  ///
  /// @return how many, at least one if `into` has room; -1 at the end of the stream
  public int read(ByteBuffer into, Duration timeout) throws IOException {
    int count = Math.min(buffer.remaining(), into.remaining());
    if (count == 0) {
      return wire.read(into, timeout);
    }
    into.put(buffer.slice(buffer.position(), count));
    buffer.position(buffer.position() + count);
    return count;
  }

  private void fill(Duration timeout) throws IOException {
    buffer.compact();
    try {
      if (wire.read(buffer, timeout) < 0) {
        throw new EOFException();
      }
    } finally {
      buffer.flip();
    }
  }

  private static int length(String head, int most) throws IOException {
    try {
      int length = Integer.parseInt(head, 1, head.length(), 10);
      if (length >= 0 && length <= most) {
        return length;
      }
    } catch (NumberFormatException e) {
      throw new IOException("protocol error: not a length: " + Printable.of(head), e);
    }
    throw new IOException("protocol error: length out of bounds: " + Printable.of(head));
  }
}
