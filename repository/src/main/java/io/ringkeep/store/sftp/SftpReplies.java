package io.ringkeep.store.sftp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Puts what a server sends together and hands each reply to whoever waits for it.
/* The thread of the SSH session writes here as packets come in, so replies need no thread and no
 * queue of their own, and the bytes of a file go straight to where they were asked to. Nothing here
 * blocks: what comes is bounded by what was asked for. */
final class SftpReplies extends OutputStream {
  private static final int LENGTH_BYTES = Integer.BYTES;
  private static final int HEADER_BYTES = LENGTH_BYTES + 1 + Integer.BYTES;

  private final SftpLocation location;

  // Guarded by `this`, as are the next three.
  private final Map<Integer, Pending> pending = new HashMap<>();

  private int nextId = SftpProtocol.VERSION + 1;

  private @Nullable ConnectionLostException broken;

  /// By System.nanoTime, of the last byte or of the request that ended a silence.
  private long lastProgress;

  // A reply as far as it is there. Only the thread of the session touches these.
  private byte[] packet = new byte[64 * 1024];
  private int filled;

  SftpReplies(SftpLocation location) {
    this.location = location;
  }

  /// A reply that is still to come, for one thread.
  static final class Pending {
    private final int id;
    private final @Nullable ByteBuffer into;

    private @Nullable SftpReply reply;
    private @Nullable ConnectionLostException failure;
    private int received;
    private boolean abandoned;

    private Pending(int id, @Nullable ByteBuffer into) {
      this.id = id;
      this.into = into;
    }

    int id() {
      return id;
    }

    /// Waits until the reply is there.
    ///
    /// @throws ConnectionLostException if it will not come
    synchronized SftpReply await() throws IOException {
      while (reply == null && failure == null) {
        try {
          wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("interrupted while an SFTP server was waited for");
        }
      }
      if (reply == null) {
        throw new ConnectionLostException(Objects.requireNonNull(failure));
      }
      return reply;
    }

    /// Bytes of a file that went to where they were asked to; after [#await].
    synchronized int received() {
      return received;
    }

    /// From now on the buffer of this request stays untouched, whatever comes.
    synchronized void abandon() {
      abandoned = true;
    }

    private synchronized void fail(ConnectionLostException why) {
      failure = why;
      notifyAll();
    }

    private synchronized void complete(int type, byte[] from, int length) throws IOException {
      ByteBuffer fields = ByteBuffer.wrap(from, HEADER_BYTES, length - HEADER_BYTES).slice();
      if (type == SftpProtocol.REPLY_DATA && into != null) {
        ByteBuffer data = new SftpReply(type, fields).data();
        if (data.remaining() > into.remaining()) {
          throw new IOException("more bytes than were asked for: bytes=" + data.remaining());
        }
        received = data.remaining();
        if (!abandoned) {
          into.put(into.position(), data, 0, received);
        }
        reply = new SftpReply(type, ByteBuffer.allocate(0));
      } else {
        byte[] copy = new byte[fields.remaining()];
        fields.get(copy);
        reply = new SftpReply(type, ByteBuffer.wrap(copy));
      }
      notifyAll();
    }
  }

  /// Makes room for a reply.
  ///
  /// @param into where bytes of a file go, from its position on; null where none are asked for
  /// @throws ConnectionLostException if no reply can come any more
  synchronized Pending expect(@Nullable ByteBuffer into) throws ConnectionLostException {
    return expect(nextId++ & Integer.MAX_VALUE, into);
  }

  /// As [#expect] for the greeting, whose reply has the version in the place of an id.
  synchronized Pending expectGreeting() throws ConnectionLostException {
    return expect(SftpProtocol.VERSION, null);
  }

  private synchronized Pending expect(int id, @Nullable ByteBuffer into)
      throws ConnectionLostException {
    if (broken != null) {
      throw new ConnectionLostException(broken);
    }
    if (pending.isEmpty()) {
      lastProgress = System.nanoTime();
    }
    Pending reply = new Pending(id, into);
    pending.put(id, reply);
    return reply;
  }

  /// Requests that wait for a reply.
  synchronized int waiting() {
    return pending.size();
  }

  synchronized boolean isBroken() {
    return broken != null;
  }

  /// Whether a reply is due and nothing has come for so long.
  synchronized boolean isOverdue(Duration limit) {
    return !pending.isEmpty() && System.nanoTime() - lastProgress > limit.toNanos();
  }

  /// Tells all who wait, and all who would, that no reply comes any more.
  void fail(String reason, @Nullable Throwable cause) {
    List<Pending> lost;
    ConnectionLostException why = new ConnectionLostException(location, reason, cause);
    synchronized (this) {
      if (broken == null) {
        broken = why;
      }
      lost = List.copyOf(pending.values());
      pending.clear();
    }
    lost.forEach(reply -> reply.fail(why));
  }

  @Override
  public void write(int oneByte) throws IOException {
    write(new byte[] {(byte) oneByte}, 0, 1);
  }

  @Override
  public void write(byte[] from, int start, int count) throws IOException {
    synchronized (this) {
      lastProgress = System.nanoTime();
    }
    try {
      int next = start;
      int end = start + count;
      while (next < end) {
        int wanted = filled < LENGTH_BYTES ? LENGTH_BYTES : LENGTH_BYTES + length();
        int taken = Math.min(wanted - filled, end - next);
        System.arraycopy(from, next, packet, filled, taken);
        filled += taken;
        next += taken;
        if (filled == LENGTH_BYTES) {
          makeRoom();
        } else if (filled > LENGTH_BYTES && filled == LENGTH_BYTES + length()) {
          dispatch(filled);
          filled = 0;
        }
      }
    } catch (IOException e) {
      fail(String.valueOf(e.getMessage()), e);
      throw e;
    }
  }

  private int length() {
    return ByteBuffer.wrap(packet).getInt(0);
  }

  private void makeRoom() throws IOException {
    int length = length();
    if (length < HEADER_BYTES - LENGTH_BYTES || length > SftpProtocol.MAX_REPLY_BYTES) {
      throw new IOException("no SFTP reply: length=" + length);
    }
    if (LENGTH_BYTES + length > packet.length) {
      packet = Arrays.copyOf(packet, LENGTH_BYTES + length);
    }
  }

  private void dispatch(int length) throws IOException {
    int type = packet[LENGTH_BYTES] & 0xff;
    int id = ByteBuffer.wrap(packet).getInt(LENGTH_BYTES + 1);
    Pending reply;
    synchronized (this) {
      reply = pending.remove(id);
    }
    if (reply == null) {
      throw new IOException(
          type == SftpProtocol.REPLY_VERSION
              ? "the server speaks another version of SFTP: version=" + id
              : "an SFTP reply that nobody asked for: id=" + id);
    }
    reply.complete(type, packet, length);
  }

  /// The channel is closed, by either side.
  @Override
  public void close() {
    fail("the server closed the connection", null);
  }
}
