package io.ringkeep.redis.replication;

import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.resp.RespReader;
import io.ringkeep.redis.resp.RespWriter;
import io.ringkeep.redis.resp.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A target's link to us, from its `PSYNC` on.
/* Three threads: the caller's writes the RDB; one listens, for the target's acknowledgement and for
 * its end; one keeps the link alive, with newlines until the RDB begins and with PING after the
 * target has loaded, for then it is a replica like any other and drops a primary that is silent for
 * repl-timeout. In between nobody but the caller writes: a byte behind the mark that ends an RDB
 * keeps a target from ever seeing its end.
 */
public final class PrimarySession implements AutoCloseable {
  static final int GATHERED_BYTES = 256 * 1024;

  /// Our history begins here. It is a new one each time: with the source's replid, servers that
  /// knew the source could continue from the target as if nothing had happened.
  private static final long OFFSET = 0;

  private static final Duration TICK = Duration.ofSeconds(1);
  private static final int TICKS_PER_PING = 5;
  private static final int PING_BYTES = "*1\r\n$4\r\nPING\r\n".length();
  private static final int GETACK_BYTES =
      "*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n".length();
  private static final Duration FOR_EVER = Duration.ofDays(365);
  private static final SecureRandom RANDOM = new SecureRandom();

  private enum Phase {
    WAITING,
    SENDING,
    LOADING,
    LOADED,
    STREAMING
  }

  private final PrimaryLink link;
  private final InetAddress target;
  private final Wire wire;
  private final RespReader in;
  private final RespWriter out;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // Guarded by the lock. The keep-alive thread holds it while it writes a few bytes.
  private Phase phase = Phase.WAITING;
  private @Nullable IOException lost;

  private final AtomicLong sent = new AtomicLong();

  // Bytes of the stream that were sent and acknowledged; guarded by the lock.
  private long streamed;
  private long applied;

  PrimarySession(PrimaryLink link, InetAddress target, Wire wire, RespReader in, RespWriter out) {
    this.link = link;
    this.target = target;
    this.wire = wire;
    this.in = in;
    this.out = out;
    Thread.ofVirtual().name("primary-link-listener").start(this::listen);
    Thread.ofVirtual().name("primary-link-keep-alive").start(this::keepAlive);
  }

  /// Where the target dialled from.
  public InetAddress target() {
    return target;
  }

  /// Answers the target's `PSYNC` with a full resynchronisation under a fresh replid and sends it
  /// the RDB. From the first byte on the target may drop what it held.
  ///
  /// @throws IOException if `body` fails; the link is then closed
  /// @throws Unavailable if the target goes away
  /// @throws io.ringkeep.model.BackupException.TargetRefused if the target gives up loading
  public void sendRdb(RdbForm form, RdbBody body) throws IOException {
    try {
      answerPsync();
      try (Outlet outlet = new Outlet(form)) {
        body.writeTo(outlet);
        outlet.finish();
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void answerPsync() {
    lock.lock();
    try {
      if (phase != Phase.WAITING) {
        throw new IllegalStateException("one RDB a session");
      }
      out.line("+FULLRESYNC " + randomHex() + " " + OFFSET).flush();
    } catch (IOException e) {
      throw whyLost(e);
    } finally {
      lock.unlock();
    }
  }

  private static String randomHex() {
    byte[] bytes = new byte[20];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /// Waits until the target says that it has loaded the RDB.
  ///
  /// Afterwards the link is kept alive until it is closed, so that the target can be looked at
  /// before it is promoted.
  ///
  /// @throws Unavailable if it has not by then, or goes away
  /// @throws io.ringkeep.model.BackupException.TargetRefused if the target gives up loading
  public void awaitLoaded(Duration patience) {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (phase != Phase.LOADED && lost == null) {
        if (left <= 0) {
          throw new Unavailable(
              "target has not loaded in time: " + where() + " seconds=" + patience.toSeconds(),
              "INFO persistence on it shows how far it is; allow more time",
              null);
        }
        left = changed.awaitNanos(left);
      }
      if (phase == Phase.LOADED) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("interrupted while the target was loading: " + where(), null, e);
    } finally {
      lock.unlock();
    }
    throw whyLost(null);
  }

  /// Sends commands behind the RDB, once the target has loaded it; they are consumed. May be called
  /// many times; the target applies them as it would its primary's.
  ///
  /// @throws Unavailable if the target goes away
  public void sendStream(ByteBuffer commands) {
    lock.lock();
    try {
      if (phase != Phase.LOADED && phase != Phase.STREAMING) {
        throw new IllegalStateException("nothing may follow an RDB that is not loaded");
      }
      phase = Phase.STREAMING;
      streamed += commands.remaining();
    } finally {
      lock.unlock();
    }
    try {
      out.raw(commands);
      commands.position(commands.limit());
    } catch (IOException e) {
      throw whyLost(e);
    }
  }

  /// Waits until the target has applied all that was sent, which must end outside a transaction.
  /// Then the link is kept alive as before.
  ///
  /// @throws Unavailable if it has not by then, or goes away
  public void awaitApplied(Duration patience) {
    long left = patience.toNanos();
    lock.lock();
    try {
      out.command("REPLCONF", "GETACK", "*").flush();
      streamed += GETACK_BYTES;
      // A target counts the request itself only after it has answered it.
      long wanted = streamed - GETACK_BYTES;
      while (applied < wanted && lost == null) {
        if (left <= 0) {
          throw new Unavailable(
              "target has not applied the stream in time: %s expected=%d actual=%d"
                  .formatted(where(), wanted, applied),
              "INFO replication on it shows how far it is; allow more time",
              null);
        }
        left = changed.awaitNanos(left);
      }
      if (applied >= wanted) {
        phase = Phase.LOADED;
        return;
      }
    } catch (IOException e) {
      throw whyLost(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("interrupted while the target was replaying: " + where(), null, e);
    } finally {
      lock.unlock();
    }
    throw whyLost(null);
  }

  private String where() {
    return "target=" + target.getHostAddress() + " bytes=" + sent;
  }

  private RuntimeException whyLost(@Nullable IOException cause) {
    IOException known = cause;
    if (known == null) {
      lock.lock();
      try {
        known = lost;
      } finally {
        lock.unlock();
      }
    }
    wire.close();
    return link.whyLost(this, where(), known);
  }

  /// Reads what the target says until it says no more. Bare newlines are signs of life.
  private void listen() {
    try {
      while (true) {
        List<String> words = in.command(FOR_EVER);
        if (words.size() >= 3
            && words.get(0).equalsIgnoreCase("REPLCONF")
            && words.get(1).equalsIgnoreCase("ACK")) {
          acknowledged(words.get(2));
        }
      }
    } catch (IOException e) {
      lock.lock();
      try {
        lost = e;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      wire.close(); // so that the sender fails too
    }
  }

  /// A target acknowledges by itself, once a second, when it has loaded and not before.
  private void acknowledged(String offset) throws IOException {
    lock.lock();
    try {
      if (!offset.matches("[0-9]{1,18}")) {
        throw new IOException("acknowledgement out of bounds: offset=" + offset);
      }
      if (phase == Phase.LOADING) {
        phase = Phase.LOADED;
      }
      applied = Math.max(applied, Long.parseLong(offset) - OFFSET);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void keepAlive() {
    lock.lock();
    try {
      for (int tick = 1; lost == null; tick++) {
        switch (phase) {
          case WAITING -> out.raw((byte) '\n').flush();
          case LOADED -> {
            if (tick % TICKS_PER_PING == 0) {
              out.command("PING").flush();
              streamed += PING_BYTES;
            }
          }
          case SENDING, LOADING, STREAMING -> {
            // The link is the RDB's, or the stream's.
          }
        }
        long left = TICK.toNanos();
        while (left > 0 && lost == null) {
          left = changed.awaitNanos(left);
        }
      }
    } catch (IOException e) {
      wire.close(); // the listener says what is to be said
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /// Ends the link. A target that was not promoted before loses its primary.
  @Override
  public void close() {
    wire.close();
  }

  /// Where the body writes: begins the RDB with its first byte, ends it in the way of its form.
  private final class Outlet implements WritableByteChannel {
    private final RdbForm form;
    private final String mark = randomHex();
    private boolean begun;
    private boolean open = true;

    Outlet(RdbForm form) {
      this.form = form;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      if (!open) {
        throw new ClosedChannelException();
      }
      int count = bytes.remaining();
      if (count == 0) {
        return 0;
      }
      if (form instanceof RdbForm.OfLength(long length) && sent.get() + count > length) {
        throw new IllegalStateException("body longer than announced: expected=" + length);
      }
      try {
        begin();
        out.raw(bytes);
      } catch (IOException e) {
        throw whyLost(e);
      }
      bytes.position(bytes.limit());
      sent.addAndGet(count);
      return count;
    }

    private void begin() throws IOException {
      if (begun) {
        return;
      }
      begun = true;
      lock.lock();
      try {
        phase = Phase.SENDING;
      } finally {
        lock.unlock();
      }
      out.line(
          switch (form) {
            case RdbForm.UpToMark upToMark -> "$EOF:" + mark;
            case RdbForm.OfLength(long length) -> "$" + length;
          });
    }

    void finish() {
      try {
        begin();
        switch (form) {
          case RdbForm.UpToMark upToMark ->
              out.raw(ByteBuffer.wrap(mark.getBytes(StandardCharsets.US_ASCII)));
          case RdbForm.OfLength(long length) -> {
            if (sent.get() != length) {
              throw new IllegalStateException(
                  "body shorter than announced: expected=" + length + " actual=" + sent);
            }
          }
        }
        lock.lock();
        try {
          phase = Phase.LOADING;
        } finally {
          lock.unlock();
        }
        out.flush();
      } catch (IOException e) {
        throw whyLost(e);
      }
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
    }
  }
}
