package io.ringkeep.redis.resp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A wire whose other side has said all that it will say, in pieces of a given size.
public final class MemoryWire implements Wire {
  private final ByteBuffer incoming;
  private final int pieceBytes;
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  public MemoryWire(byte[] incoming, int pieceBytes) {
    this.incoming = ByteBuffer.wrap(incoming);
    this.pieceBytes = pieceBytes;
  }

  public MemoryWire(String incoming, int pieceBytes) {
    this(incoming.getBytes(StandardCharsets.ISO_8859_1), pieceBytes);
  }

  /// What was written to it.
  public String written() {
    return written.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public int read(ByteBuffer into, Duration timeout) {
    if (!incoming.hasRemaining()) {
      return -1;
    }
    int count = Math.min(pieceBytes, Math.min(into.remaining(), incoming.remaining()));
    into.put(incoming.slice(incoming.position(), count));
    incoming.position(incoming.position() + count);
    return count;
  }

  @Override
  public void write(ByteBuffer from) {
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    written.writeBytes(bytes);
  }

  @Override
  public void close() {
    incoming.limit(incoming.position());
  }
}
