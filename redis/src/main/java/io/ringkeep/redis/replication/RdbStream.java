package io.ringkeep.redis.replication;

import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.resp.RespReader;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The bytes of one RDB off a link, in either form, to their true end and no further.
abstract sealed class RdbStream implements ReadableByteChannel {
  private final RespReader source;
  private final Endpoint server;
  private final Duration silence;
  private long received;
  private boolean open = true;

  private RdbStream(RespReader source, Endpoint server, Duration silence) {
    this.source = source;
    this.server = server;
    this.silence = silence;
  }

  /// True once the end was seen.
  abstract boolean ended();

  /// How much was promised, for a message.
  abstract String promised();

  @Override
  public boolean isOpen() {
    return open;
  }

  /// Ends the reading; the link stays open.
  @Override
  public void close() {
    open = false;
  }

  /// Reads from the link into `into`.
  ///
  /// @throws Unavailable if the link ends, fails or falls silent before the RDB's end
  final void fill(ByteBuffer into) throws ClosedChannelException {
    if (!open) {
      throw new ClosedChannelException();
    }
    @Nullable IOException cause = null;
    try {
      int count = source.read(into, silence);
      if (count >= 0) {
        received += count;
        return;
      }
    } catch (SocketTimeoutException e) {
      throw new Unavailable(
          "source fell silent in mid-RDB: %s seconds=%d".formatted(where(), silence.toSeconds()),
          "check the network and the source's load, then run it again",
          e);
    } catch (IOException e) {
      cause = e;
    }
    throw new Unavailable(
        "source went away in mid-RDB: " + where(),
        "the source's log says why; run it again once it is back",
        cause);
  }

  private String where() {
    return "server=" + server + " bytes=" + received + promised();
  }

  /// `$<length>`: that many bytes, and the command stream right behind them.
  static final class OfLength extends RdbStream {
    private final long length;
    private long left;

    OfLength(RespReader source, Endpoint server, Duration silence, long length) {
      super(source, server, silence);
      this.length = length;
      this.left = length;
    }

    @Override
    boolean ended() {
      return left == 0;
    }

    @Override
    String promised() {
      return " expected=" + length;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      if (ended()) {
        return -1;
      }
      int start = into.position();
      int limit = into.limit();
      into.limit(start + (int) Math.min(left, into.remaining()));
      try {
        fill(into);
      } finally {
        into.limit(limit);
      }
      left -= into.position() - start;
      return into.position() - start;
    }
  }

  /// `$EOF:<mark>`: bytes up to the mark. The server sends nothing behind it before our first
  /// acknowledgement.
  /* So the mark is where the bytes received so far end, and only there it is looked for: the last
   * MARK_BYTES of them are held back until more come. They go in front of the next ones in the
   * reader's own buffer, so only they are ever copied; a buffer that is too small for that is
   * filled from a small one of ours.
   */
  static final class UpToMark extends RdbStream {
    static final int MARK_BYTES = 40;

    private final ByteBuffer mark;
    private final ByteBuffer held = ByteBuffer.allocate(MARK_BYTES).limit(0);
    private final ByteBuffer small = ByteBuffer.allocateDirect(4 * MARK_BYTES);
    private boolean ended;

    UpToMark(RespReader source, Endpoint server, Duration silence, byte[] mark) {
      super(source, server, silence);
      if (mark.length != MARK_BYTES) {
        throw new IllegalArgumentException("not a mark: length=" + mark.length);
      }
      this.mark = ByteBuffer.wrap(mark);
    }

    @Override
    boolean ended() {
      return ended;
    }

    @Override
    String promised() {
      return "";
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      int start = into.position();
      while (into.position() == start && into.hasRemaining()) {
        if (ended) {
          return -1;
        }
        if (into.remaining() > 2 * MARK_BYTES) {
          step(into);
        } else {
          // What comes out is never more than what comes in, and that fits.
          step(small.clear().limit(held.remaining() + into.remaining()));
          into.put(small.flip());
        }
      }
      return into.position() - start;
    }

    /// Moves what is held and what comes next into `target`, and its last bytes back.
    private void step(ByteBuffer target) throws IOException {
      int start = target.position();
      target.put(held);
      fill(target);
      int end = target.position();
      int keep = Math.min(MARK_BYTES, end - start);
      held.clear().put(target.slice(end - keep, keep)).flip();
      target.position(end - keep);
      ended = held.equals(mark);
    }
  }
}
