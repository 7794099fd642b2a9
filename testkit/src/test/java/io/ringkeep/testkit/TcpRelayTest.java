package io.ringkeep.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpRelayTest {
  private final ServerSocket counting = listen();
  private final TcpRelay relay = TcpRelay.to("127.0.0.1", counting.getLocalPort());

  private static ServerSocket listen() {
    try {
      return new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Sends the bytes 0 to 99 to whoever has sent one byte, and then ends the connection.
  @BeforeEach
  void serve() {
    Thread.ofVirtual()
        .start(() -> {
          while (!counting.isClosed()) {
            try (Socket socket = counting.accept()) {
              if (socket.getInputStream().read() >= 0) {
                socket.getOutputStream().write(hundredBytes());
              }
            } catch (IOException e) {
              // The relay has cut the connection, or the test is over.
            }
          }
        });
  }

  @AfterEach
  void close() throws IOException {
    relay.close();
    counting.close();
  }

  private static byte[] hundredBytes() {
    byte[] bytes = new byte[100];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  private byte[] fetch() throws IOException {
    try (Socket socket = dial()) {
      return socket.getInputStream().readAllBytes();
    }
  }

  private Socket dial() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port());
    socket.getOutputStream().write(1);
    return socket;
  }

  @Test
  void relay_noFault_passesAllBytes() throws IOException {
    assertThat(fetch()).isEqualTo(hundredBytes());
    assertThat(fetch()).isEqualTo(hundredBytes());
    assertThat(relay.connections()).isEqualTo(2);
    assertThat(relay.bytesFromServer()).isEqualTo(200);
  }

  @Test
  void cutAfter_someBytes_passesExactlyThese() throws IOException {
    relay.cutAfter(33);
    assertThat(fetch()).hasSize(33);
    relay.heal();
    assertThat(fetch()).hasSize(100);
  }

  @Test
  void flipBitAt_offset_changesThatByteAlone() throws IOException {
    relay.flipBitAt(40);
    byte[] expected = hundredBytes();
    expected[40] = 41;
    assertThat(fetch()).isEqualTo(expected);
  }

  @Test
  void pause_openConnection_staysSilentUntilHealed() throws IOException {
    relay.pause();
    try (Socket socket = dial()) {
      socket.setSoTimeout(200);
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      relay.heal();
      socket.setSoTimeout(10_000);
      assertThat(socket.getInputStream().readAllBytes()).isEqualTo(hundredBytes());
    }
  }

  @Test
  void throttle_hundredBytes_takesItsTime() throws IOException {
    relay.throttle(500);
    long start = System.nanoTime();
    assertThat(fetch()).hasSize(100);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Duration.ofMillis(190));
  }

  @Test
  void refuse_newConnection_endsWithoutAByte() throws IOException {
    relay.refuse();
    assertThatThrownBy(
            () -> {
              if (fetch().length == 0) {
                throw new IOException("closed");
              }
            })
        .isInstanceOf(IOException.class);
    assertThat(relay.connections()).isZero();
  }
}
