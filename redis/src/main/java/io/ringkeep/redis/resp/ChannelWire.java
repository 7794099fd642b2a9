package io.ringkeep.redis.resp;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/// A plain connection, read and written straight from and into direct buffers.
/* A blocking channel has no timeouts, its socket's streams have some but copy. So the channel does
 * not block: a read or write that finds nothing to do waits in a selector, one for each direction.
 */
final class ChannelWire implements Wire {
  private static final int HEAP_CHUNK_BYTES = 64 * 1024;

  private final SocketChannel channel;
  private final Duration writeTimeout;
  private final Selector readable;
  private final Selector writable;

  ChannelWire(SocketChannel channel, Duration writeTimeout) throws IOException {
    this.channel = channel;
    this.writeTimeout = writeTimeout;
    this.readable = Selector.open();
    this.writable = Selector.open();
    channel.configureBlocking(false);
    channel.register(readable, SelectionKey.OP_READ);
    channel.register(writable, SelectionKey.OP_WRITE);
  }

  @Override
  public int read(ByteBuffer into, Duration timeout) throws IOException {
    int count = channel.read(into);
    long deadline = System.nanoTime() + timeout.toNanos();
    while (count == 0 && into.hasRemaining()) {
      await(readable, deadline);
      count = channel.read(into);
    }
    return count;
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      // The JDK copies a heap buffer whole into a direct one before it writes a part of it.
      ByteBuffer part =
          from.isDirect()
              ? from.duplicate()
              : from.slice(from.position(), Math.min(from.remaining(), HEAP_CHUNK_BYTES));
      int count = channel.write(part);
      long deadline = System.nanoTime() + writeTimeout.toNanos();
      while (count == 0) {
        await(writable, deadline);
        count = channel.write(part);
      }
      from.position(from.position() + count);
    }
  }

  private static void await(Selector selector, long deadline) throws IOException {
    long left = Math.ceilDiv(deadline - System.nanoTime(), 1_000_000L);
    if (left <= 0) {
      throw new SocketTimeoutException("timed out");
    }
    try {
      selector.select(left);
      selector.selectedKeys().clear();
    } catch (ClosedSelectorException e) {
      AsynchronousCloseException closed = new AsynchronousCloseException();
      closed.initCause(e);
      throw closed;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new ClosedByInterruptException();
    }
  }

  @Override
  public void close() {
    // The channel first: a thread that its selector's close wakes must find it closed.
    for (AutoCloseable part : new AutoCloseable[] {channel, readable, writable}) {
      try {
        part.close();
      } catch (Exception e) {
        // A socket that cannot be closed is lost already.
      }
    }
  }
}
