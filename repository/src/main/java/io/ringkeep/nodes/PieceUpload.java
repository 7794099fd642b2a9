package io.ringkeep.nodes;

import io.ringkeep.erasure.ErasureCode;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// An object on its way to its nodes, cut into pieces.
///
/// A node that fails is left behind; as long as enough others stand, the object can be committed,
/// and is degraded.
final class PieceUpload implements ObjectUpload {
  /*
   * Two stripes take turns: while the pieces of one are on their way, each node in a thread of its own, the other
   * fills. So memory is two stripes with their parity, and the slowest node sets the pace.
   *
   * Who commits a name first: of one process, one upload of a name commits at a time. Of several processes, at most
   * one gets enough pieces, since what is enough is more than half; names are drawn at random, so none ever meet.
   */
  private final PieceName first;
  private final int enough;
  private final String nodeSet;
  private final long id;
  private final ErasureCode code;
  private final ExecutorService executor;
  private final WriteReport report;
  private final Set<String> committing;
  private final List<Lane> lanes = new ArrayList<>();
  private Stripe filling;
  private Stripe sending;
  private long stripe;
  private long objectBytes;
  private boolean closed;

  /// @param first the object's first piece; the others differ by their index
  /// @param nodes one for each piece; with K = 1, one for each copy
  /// @param enough how many of them must have their piece for the object to count
  /// @param id drawn for this upload; it stands in every piece
  /// @param committing names that are just being committed in this process
  PieceUpload(
      PieceName first,
      List<Node> nodes,
      int enough,
      String nodeSet,
      long id,
      ErasureCode code,
      ExecutorService executor,
      WriteReport report,
      Set<String> committing) {
    this.first = first;
    this.enough = enough;
    this.code = code;
    this.executor = executor;
    this.report = report;
    this.nodeSet = nodeSet;
    this.id = id;
    this.committing = committing;
    for (int i = 0; i < nodes.size(); i++) {
      PieceName piece = first.withIndex(first.data() == 1 ? 0 : i);
      lanes.add(new Lane(nodes.get(i), piece, PieceFormat.header(piece, nodeSet, id)));
    }
    filling = new Stripe();
    sending = new Stripe();
  }

  /// What all data units of a stripe and its parity lie in.
  private final class Stripe {
    final ByteBuffer data = ByteBuffer.allocateDirect(first.data() * PieceFormat.UNIT_BYTES);
    final ByteBuffer parity = ByteBuffer.allocateDirect(first.parity() * PieceFormat.UNIT_BYTES);
    List<Future<?>> writes = List.of();

    ByteBuffer unit(int index, int bytes) {
      return index < first.data()
          ? data.slice(index * bytes, bytes)
          : parity.slice((index - first.data()) * bytes, bytes);
    }
  }

  /// One piece on its way to its node.
  private final class Lane {
    final Node node;
    final PieceName piece;
    final ByteBuffer header;
    private @Nullable ObjectUpload upload;
    private @Nullable IOException failure;
    // Whether a piece of another upload is in the way.
    private boolean taken;

    Lane(Node node, PieceName piece, ByteBuffer header) {
      this.node = node;
      this.piece = piece;
      this.header = header;
    }

    /// Appends to the piece, unless it was given up.
    void write(ByteBuffer... parts) {
      attempt(() -> {
        ObjectUpload open = upload();
        for (ByteBuffer part : parts) {
          open.write(part);
        }
      });
    }

    void commit() {
      if (failure != null) {
        return;
      }
      attempt(() -> {
        if (!upload().commit() && !ours()) {
          taken = true;
          throw new IOException("a piece of another upload is there");
        }
      });
      if (failure != null && !taken) {
        // Perhaps it worked and the answer got lost.
        try {
          failure = node.call(_ -> ours()) ? null : failure;
        } catch (IOException e) {
          failure.addSuppressed(e);
        }
      }
    }

    private boolean ours() throws IOException {
      try {
        return node.call(store -> StoredPiece.open(store, piece, nodeSet)).upload() == id;
      } catch (NoSuchObjectException | PieceDamage e) {
        return false;
      }
    }

    /// Removes the piece from the node, if it is of this upload.
    void undo() {
      try {
        if (ours()) {
          node.call(store -> {
            store.delete(piece.key());
            return true;
          });
        }
      } catch (IOException e) {
        // It stays, of an object that does not count: cleaning up finds it.
      }
    }

    private ObjectUpload upload() throws IOException {
      ObjectUpload open = upload;
      if (open == null) {
        open = node.call(store -> store.upload(piece.key()));
        upload = open;
        open.write(header.duplicate());
      }
      return open;
    }

    private void attempt(Step step) {
      if (failure != null) {
        return;
      }
      try {
        node.call(_ -> {
          step.run();
          return true;
        });
      } catch (IOException e) {
        failure = e;
        close();
      }
    }

    void close() {
      if (upload != null) {
        try {
          upload.close();
        } catch (IOException e) {
          // It was not committed: what is left of it, its store cleans up.
        }
        upload = null;
      }
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  @Override
  public void write(ByteBuffer content) throws IOException {
    objectBytes += content.remaining();
    while (content.hasRemaining()) {
      int count = Math.min(content.remaining(), filling.data.remaining());
      filling.data.put(content.slice(content.position(), count));
      content.position(content.position() + count);
      if (!filling.data.hasRemaining()) {
        send();
      }
    }
  }

  /// Sends the stripe that was filled and takes the other one.
  private void send() throws IOException {
    Stripe full = filling;
    int unit = Math.ceilDiv(full.data.position(), first.data());
    while (full.data.position() < unit * first.data()) {
      full.data.put((byte) 0);
    }
    if (first.parity() > 0) {
      ByteBuffer[] data = new ByteBuffer[first.data()];
      ByteBuffer[] parity = new ByteBuffer[first.parity()];
      for (int i = 0; i < data.length; i++) {
        data[i] = full.unit(i, unit);
      }
      for (int i = 0; i < parity.length; i++) {
        parity[i] = full.unit(data.length + i, unit);
      }
      code.encode(data, parity);
    }
    await(sending);
    long number = stripe++;
    full.writes =
        onEachLane(lane -> {
          ByteBuffer content = full.unit(lane.piece.index(), unit);
          int crc = PieceFormat.unitCrc(lane.header, number, content);
          lane.write(content, ByteBuffer.allocate(PieceFormat.CRC_BYTES).putInt(0, crc));
        });
    filling = sending;
    filling.data.clear();
    sending = full;
  }

  private interface Work {
    void run(Lane lane);
  }

  private List<Future<?>> onEachLane(Work work) {
    List<Future<?>> started = new ArrayList<>();
    for (Lane lane : lanes) {
      started.add(executor.submit(() -> work.run(lane)));
    }
    return started;
  }

  private void await(Stripe stripe) throws IOException {
    await(stripe.writes);
    stripe.writes = List.of();
    long standing = lanes.stream().filter(lane -> lane.failure == null).count();
    if (standing < enough) {
      throw tooFew(standing);
    }
  }

  private static void await(List<Future<?>> writes) throws IOException {
    for (Future<?> write : writes) {
      try {
        write.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while pieces were written");
      } catch (ExecutionException e) {
        throw new IllegalStateException("a piece could not be written", e.getCause());
      }
    }
  }

  private IOException tooFew(long standing) {
    IOException few =
        new IOException(
            "too few nodes take their piece: object=%s pieces=%d needed=%d of=%d; %s"
                .formatted(first.object(), standing, enough, lanes.size(), reasons()));
    lanes.stream().flatMap(lane -> Stream.ofNullable(lane.failure)).forEach(few::addSuppressed);
    return few;
  }

  private String reasons() {
    List<String> reasons = new ArrayList<>();
    for (Lane lane : lanes) {
      if (lane.failure != null) {
        reasons.add("%s: %s".formatted(lane.node.id(), lane.failure.getMessage()));
      }
    }
    return String.join("; ", reasons);
  }

  @Override
  public boolean commit() throws IOException {
    if (filling.data.position() > 0) {
      send();
    }
    await(sending);
    claim();
    try {
      filling.writes =
          onEachLane(lane -> {
            lane.write(PieceFormat.trailer(lane.header, objectBytes));
            lane.commit();
          });
      await(filling.writes);
      return settled();
    } finally {
      synchronized (committing) {
        committing.remove(first.object());
        committing.notifyAll();
      }
    }
  }

  private void claim() throws InterruptedIOException {
    synchronized (committing) {
      while (!committing.add(first.object())) {
        try {
          committing.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("interrupted before pieces were committed");
        }
      }
    }
  }

  /// What the commits of all pieces came to.
  private boolean settled() throws IOException {
    List<String> without =
        lanes.stream().filter(lane -> lane.failure != null).map(lane -> lane.node.id()).toList();
    int written = lanes.size() - without.size();
    if (written >= enough) {
      report.object(without, written - first.data());
      return true;
    }
    await(onEachLane(Lane::undo));
    if (lanes.stream().anyMatch(lane -> lane.taken)) {
      return false;
    }
    throw tooFew(written);
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    settle(sending.writes);
    settle(filling.writes);
    lanes.forEach(Lane::close);
  }

  /// Waits until nothing is written any more, whoever interrupts: the buffers are still in use.
  private static void settle(List<Future<?>> writes) {
    boolean interrupted = false;
    for (Future<?> write : writes) {
      while (!write.isDone()) {
        try {
          write.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          // commit() or write() has told of it.
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
