package io.ringkeep.redis.resp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;

/// A connection whose bytes come and go through streams: TLS.
final class StreamWire implements Wire {
  private static final int CHUNK_BYTES = 64 * 1024;

  /// A close waits this long for a write that hangs: TLS wants to say goodbye behind it.
  private static final int LINGER_SECONDS = 2;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final byte[] inChunk = new byte[CHUNK_BYTES];
  private final byte[] outChunk = new byte[CHUNK_BYTES];

  StreamWire(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
    socket.setSoLinger(true, LINGER_SECONDS);
  }

  @Override
  public int read(ByteBuffer into, Duration timeout) throws IOException {
    if (!into.hasRemaining()) {
      return 0;
    }
    socket.setSoTimeout(Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE));
    int count = in.read(inChunk, 0, Math.min(into.remaining(), inChunk.length));
    if (count > 0) {
      into.put(inChunk, 0, count);
    }
    return count;
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      int count = Math.min(from.remaining(), outChunk.length);
      from.get(outChunk, 0, count);
      out.write(outChunk, 0, count);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // A socket that cannot be closed is lost already.
    }
  }
}
