package io.ringkeep.redis.resp;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import javax.net.ssl.SSLSocket;

/// A connected socket as bytes with timeouts. One thread may read while another writes.
public interface Wire extends AutoCloseable {

  /// A wire over a connected socket; `writeTimeout` bounds the wait for the other side to take
  /// bytes.
  ///
  /// A socket that belongs to a channel is read and written without copies; others (TLS) through
  /// their streams, and there a write has no timeout.
  static Wire of(Socket socket, Duration writeTimeout) throws IOException {
    // A TLS socket shows the channel below it, where the bytes are encrypted.
    return socket.getChannel() != null && !(socket instanceof SSLSocket)
        ? new ChannelWire(socket.getChannel(), writeTimeout)
        : new StreamWire(socket);
  }

  /// Reads what is there into `into`, waiting for the first byte.
  ///
  /// @return how many bytes were read, at least one; -1 if the other side has closed
  /// @throws java.net.SocketTimeoutException if nothing came within `timeout`; the wire stays good
  int read(ByteBuffer into, Duration timeout) throws IOException;

  /// Writes all of `from`.
  ///
  /// @throws java.net.SocketTimeoutException if the other side took no byte for the write timeout;
  ///   the wire is then of no use
  void write(ByteBuffer from) throws IOException;

  /// Closes both directions; a thread that waits in one of them fails with an [IOException].
  @Override
  void close();
}
