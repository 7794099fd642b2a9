package io.ringkeep.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Stands between a client and a server and does what networks do: cuts, stalls, slows, truncates,
/// flips a bit.
///
/// Faults act on what the server sends. Byte counts start anew with each connection, so that a
/// fault far into a stream spares the short talks beside it. Settings hold for connections that are
/// open and for those to come. All threads are virtual.
public final class TcpRelay implements AutoCloseable {
  private static final int BUFFER_SIZE_BYTES = 16 * 1024;
  private static final long NEVER = Long.MAX_VALUE;
  private static final long UNLIMITED = Long.MAX_VALUE;

  private final ServerSocket listener;
  private final InetSocketAddress server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicLong bytesFromServer = new AtomicLong();
  private final Object stateChange = new Object();

  private volatile boolean paused;
  private volatile boolean closed;
  private volatile boolean refusing;
  private volatile long cutAfterBytes = NEVER;
  private volatile long flipAtByte = NEVER;
  private volatile long bytesPerSecond = UNLIMITED;

  private TcpRelay(InetSocketAddress server) {
    this.server = server;
    try {
      listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().name("relay-accept").start(this::accept);
  }

  /// A relay on a free loopback port.
  public static TcpRelay to(TestServer server) {
    return to(server.host(), server.port());
  }

  /// A relay on a free loopback port.
  public static TcpRelay to(String host, int port) {
    return new TcpRelay(new InetSocketAddress(host, port));
  }

  public int port() {
    return listener.getLocalPort();
  }

  /// Such as `127.0.0.1:40123`.
  public String address() {
    return TestServer.HOST + ":" + port();
  }

  /// Connections that were made so far.
  public int connections() {
    return connections.get();
  }

  /// Bytes that reached clients so far, over all connections.
  public long bytesFromServer() {
    return bytesFromServer.get();
  }

  /// Ends all open connections at once. New ones are welcome.
  public void cut() {
    sockets.forEach(TcpRelay::closeQuietly);
  }

  /// Ends a connection as soon as the server has sent this many bytes on it, and passes on no byte
  /// more.
  public void cutAfter(long bytes) {
    cutAfterBytes = bytes;
  }

  /// Flips the lowest bit of the byte that the server sends at this offset of a connection.
  public void flipBitAt(long offset) {
    flipAtByte = offset;
  }

  /// Passes on no more than this many of the server's bytes in a second.
  public void throttle(long limitBytesPerSecond) {
    bytesPerSecond = limitBytesPerSecond;
  }

  /// Turns new connections away, as a server would whose process is gone.
  public void refuse() {
    refusing = true;
    cut();
  }

  /// Passes on nothing, in neither direction; connections stay open.
  public void pause() {
    paused = true;
  }

  /// Undoes [#pause], [#refuse], [#cutAfter], [#flipBitAt] and [#throttle].
  public void heal() {
    cutAfterBytes = NEVER;
    flipAtByte = NEVER;
    bytesPerSecond = UNLIMITED;
    refusing = false;
    synchronized (stateChange) {
      paused = false;
      stateChange.notifyAll();
    }
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = listener.accept();
        if (refusing) {
          closeQuietly(client);
          continue;
        }
        connections.incrementAndGet();
        connect(client);
      } catch (IOException e) {
        if (!closed) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void connect(Socket client) {
    Socket upstream = new Socket();
    sockets.add(client);
    sockets.add(upstream);
    if (refusing) {
      // Since it was let in: cutting may have missed it.
      end(client, upstream);
      return;
    }
    try {
      upstream.connect(server);
      client.setTcpNoDelay(true);
      upstream.setTcpNoDelay(true);
    } catch (IOException e) {
      end(client, upstream);
      return;
    }
    Thread.ofVirtual().name("relay-up").start(() -> run(client, upstream, /* faulty= */ false));
    Thread.ofVirtual().name("relay-down").start(() -> run(upstream, client, /* faulty= */ true));
  }

  private void run(Socket from, Socket to, boolean faulty) {
    try {
      copy(from, to, faulty);
    } catch (IOException e) {
      // One side is gone: the other one has to see it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end(from, to);
    }
  }

  private void copy(Socket from, Socket to, boolean faulty)
      throws IOException, InterruptedException {
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    byte[] buffer = new byte[BUFFER_SIZE_BYTES];
    long passed = 0;
    while (true) {
      int read = in.read(buffer);
      if (read < 0) {
        return;
      }
      awaitResume();
      if (!faulty) {
        out.write(buffer, 0, read);
        continue;
      }
      int allowed = (int) Math.min(read, cutAfterBytes - passed);
      if (flipAtByte >= passed && flipAtByte < passed + allowed) {
        buffer[(int) (flipAtByte - passed)] ^= 1;
      }
      out.write(buffer, 0, Math.max(0, allowed));
      passed += Math.max(0, allowed);
      bytesFromServer.addAndGet(Math.max(0, allowed));
      if (allowed < read || passed == cutAfterBytes) {
        return;
      }
      slowDown(read);
    }
  }

  private void awaitResume() throws InterruptedException {
    synchronized (stateChange) {
      while (paused && !closed) {
        stateChange.wait();
      }
    }
  }

  private void slowDown(int bytes) throws InterruptedException {
    long limit = bytesPerSecond;
    if (limit != UNLIMITED) {
      Thread.sleep(Duration.ofNanos(bytes * 1_000_000_000L / limit));
    }
  }

  private void end(Socket one, Socket other) {
    for (Socket socket : new Socket[] {one, other}) {
      closeQuietly(socket);
      sockets.remove(socket);
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no use any more either way.
    }
  }

  @Override
  public void close() {
    closed = true;
    heal();
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      cut();
    }
  }
}
