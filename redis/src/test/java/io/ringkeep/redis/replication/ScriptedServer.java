package io.ringkeep.redis.replication;

import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.resp.RespReader;
import io.ringkeep.redis.resp.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/// A server on loopback that answers each command with the next bytes of a script, then closes.
///
/// It says what real servers say too seldom, or too late, to wait for. Answers go out in pieces of
/// one byte.
final class ScriptedServer implements AutoCloseable {
  private final ServerSocket listener;
  private final Deque<String> answers;
  private final List<String> commands = Collections.synchronizedList(new ArrayList<>());

  private ScriptedServer(List<String> answers) {
    this.answers = new ArrayDeque<>(answers);
    try {
      ServerSocketChannel channel = ServerSocketChannel.open();
      listener = channel.socket();
      listener.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::serve);
  }

  /// A server that answers one command after the other with these; an empty one means silence.
  static ScriptedServer answering(String... answers) {
    return new ScriptedServer(List.of(answers));
  }

  Endpoint endpoint() {
    return new Endpoint("127.0.0.1", listener.getLocalPort());
  }

  /// What it was asked so far.
  List<String> commands() {
    synchronized (commands) {
      return List.copyOf(commands);
    }
  }

  private void serve() {
    try (Socket socket = listener.accept()) {
      socket.setTcpNoDelay(true);
      try (Wire wire = Wire.of(socket, Duration.ofSeconds(10))) {
        RespReader in = new RespReader(wire);
        while (!answers.isEmpty()) {
          commands.add(String.join(" ", in.command(Duration.ofSeconds(10))));
          for (byte b : answers.removeFirst().getBytes(StandardCharsets.ISO_8859_1)) {
            wire.write(java.nio.ByteBuffer.wrap(new byte[] {b}));
          }
        }
      }
    } catch (IOException e) {
      commands.add("lost: " + e);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
