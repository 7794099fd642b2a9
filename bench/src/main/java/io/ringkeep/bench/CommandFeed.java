package io.ringkeep.bench;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Writes commands to a server as fast as it takes them; the replies are counted by a second
/// thread.
final class CommandFeed implements AutoCloseable {
  private final Socket socket;
  private final OutputStream out;
  private final Thread replies;
  private long sent;
  private volatile long expected = Long.MAX_VALUE;
  private volatile @Nullable IOException failure;

  private CommandFeed(Socket socket) throws IOException {
    this.socket = socket;
    this.out = new BufferedOutputStream(socket.getOutputStream(), 1 << 18);
    DataInputStream in =
        new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), 1 << 16));
    this.replies = Thread.ofPlatform().start(() -> count(in));
  }

  static CommandFeed to(int port) throws IOException {
    return new CommandFeed(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  void command(String... words) throws IOException {
    out.write(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
    for (String word : words) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      out.write(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(bytes);
      out.write('\r');
      out.write('\n');
    }
    sent++;
  }

  private void count(DataInputStream in) {
    long received = 0;
    try {
      while (received < expected) {
        int kind = in.readUnsignedByte();
        StringBuilder line = new StringBuilder();
        for (int b = in.readUnsignedByte(); b != '\r'; b = in.readUnsignedByte()) {
          line.append((char) b);
        }
        in.readUnsignedByte();
        if (kind == '$') {
          in.skipNBytes(Integer.parseInt(line.toString()) + 2L);
        } else if (kind == '-') {
          throw new IOException("the server refused a command: " + line);
        }
        received++;
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  /// Returns when every command was answered.
  @Override
  public void close() throws IOException {
    command("PING");
    expected = sent;
    out.flush();
    try {
      replies.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    socket.close();
    IOException seen = failure;
    if (seen != null) {
      throw seen;
    }
  }
}
