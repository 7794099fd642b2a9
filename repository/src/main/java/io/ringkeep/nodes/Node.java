package io.ringkeep.nodes;

import io.ringkeep.placement.StorageNode;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectStore;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A storage node at work: what it is, the store it is, and whether it answers. Thread-safe.
///
/// After some failures in a row it is left alone for the rest of the run, so that a dead node costs
/// its timeouts once.
final class Node implements AutoCloseable {
  private static final int FAILURES_UNTIL_AWAY = 3;

  private final StorageNode description;
  private final ObjectStore store;
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger delays = new AtomicInteger();
  private volatile @Nullable String reason;
  private volatile boolean wiped;

  Node(StorageNode description, ObjectStore store) {
    this.description = description;
    this.store = store;
  }

  /// Something that a node is asked to do.
  interface Call<T> {
    T run(ObjectStore store) throws IOException;
  }

  String id() {
    return description.id();
  }

  StorageNode description() {
    return description;
  }

  /// Whether it was late to answer more than once.
  boolean slow() {
    return delays.get() > 1;
  }

  /// Takes note that it was late to answer.
  void late() {
    delays.incrementAndGet();
  }

  /// Why it is left alone, if it is.
  Optional<String> away() {
    return Optional.ofNullable(reason);
  }

  /// Leaves it alone from now on.
  void leave(String why) {
    reason = why;
  }

  /// Leaves it alone because it holds nothing, not even its name.
  void leaveWiped() {
    wiped = true;
    leave("it is empty: wiped, or not the place it was");
  }

  /// Whether it holds nothing, not even its name.
  boolean wiped() {
    return wiped;
  }

  /// No longer leaves it alone.
  void rejoin() {
    wiped = false;
    reason = null;
    failures.set(0);
  }

  /// Has it do something, and takes note of how that went.
  ///
  /// @throws NodeAway if it is left alone
  /// @throws IOException as the call does
  <T> T call(Call<T> call) throws IOException {
    String why = reason;
    if (why != null) {
      throw new NodeAway("node %s is left alone: %s".formatted(id(), why));
    }
    try {
      T result = call.run(store);
      failures.set(0);
      return result;
    } catch (NoSuchObjectException | EOFException | PieceDamage e) {
      throw e;
    } catch (InterruptedIOException | ClosedByInterruptException e) {
      throw e; // We gave up, not the node.
    } catch (RuntimeException e) {
      throw new IOException("node %s: %s".formatted(id(), e.getMessage()), e);
    } catch (IOException e) {
      if (failures.incrementAndGet() >= FAILURES_UNTIL_AWAY) {
        leave(String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  /// The same for what changes nothing: a node that was wiped has nothing, and that is an answer.
  ///
  /// @throws NoSuchObjectException if it was wiped
  <T> T ask(Call<T> call) throws IOException {
    if (wiped) {
      throw new NoSuchObjectException("anything on wiped node " + id());
    }
    return call(call);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }

  @Override
  public String toString() {
    return id();
  }
}
