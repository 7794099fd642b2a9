package io.ringkeep.nodes;

import io.ringkeep.model.BackupException;
import io.ringkeep.nodes.NodeInfo.Condition;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ReadOnlyStoreException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A storage node at work: what it is, the store it is, and whether it answers. Thread-safe.
///
/// After some failures in a row it is left alone, so that a dead node costs its timeouts once,
/// until someone looks again ([PlacedStore#lookAgain]). One that can't be written to is still read.
final class Node implements AutoCloseable {
  private static final int FAILURES_UNTIL_AWAY = 3;
  private static final List<String> FULL =
      List.of(
          "nospaceleft", "nospaceonfilesystem", "quotaexceeded", "storagefull", "notenoughspace");

  private final StorageNode description;
  private final ObjectStore store;
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger delays = new AtomicInteger();
  private volatile Trouble trouble = Trouble.NONE;

  private record Trouble(Condition condition, String why) {
    static final Trouble NONE = new Trouble(Condition.OK, "");

    boolean leftAlone() {
      return switch (condition) {
        case AWAY, WIPED, FOREIGN -> true;
        case OK, STALE, READ_ONLY, FULL, UNFIT -> false;
      };
    }
  }

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

  /// The place itself. Whoever uses it without [#call] takes no note of how that went.
  ObjectStore store() {
    return store;
  }

  /// Where it is, for people.
  String location() {
    return store.location();
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
    Trouble now = trouble;
    return now.leftAlone() ? Optional.of(now.why) : Optional.empty();
  }

  boolean answers() {
    return !trouble.leftAlone();
  }

  Condition condition() {
    return trouble.condition;
  }

  /// What is wrong with it; empty if nothing is.
  String why() {
    return trouble.why;
  }

  /// Takes note of what is wrong with it.
  void suffers(Condition condition, String why) {
    trouble = new Trouble(condition, why);
  }

  /// Whether it holds nothing, not even its name.
  boolean wiped() {
    return trouble.condition == Condition.WIPED;
  }

  /// No longer leaves it alone.
  void rejoin() {
    trouble = Trouble.NONE;
    failures.set(0);
  }

  /// Has it do something, and takes note of how that went.
  ///
  /// @throws NodeAway if it is left alone
  /// @throws IOException as the call does
  <T> T call(Call<T> call) throws IOException {
    Trouble now = trouble;
    if (now.leftAlone()) {
      throw new NodeAway("node %s is left alone: %s".formatted(id(), now.why));
    }
    try {
      T result = call.run(store);
      failures.set(0);
      return result;
    } catch (NoSuchObjectException | EOFException | PieceDamage e) {
      throw e;
    } catch (InterruptedIOException | ClosedByInterruptException e) {
      throw e; // We gave up, not the node.
    } catch (ReadOnlyStoreException e) {
      suffers(Condition.READ_ONLY, message(e));
      throw e;
    } catch (BackupException e) { // Such as a login that is refused from now on.
      failed(String.valueOf(e.getMessage()));
      throw new IOException("node %s: %s".formatted(id(), e.getMessage()), e);
    } catch (RuntimeException e) {
      throw new IOException("node %s: %s".formatted(id(), e.getMessage()), e);
    } catch (IOException e) {
      failed(message(e));
      throw e;
    }
  }

  private void failed(String why) {
    if (full(why)) {
      suffers(Condition.FULL, why);
    } else if (failures.incrementAndGet() >= FAILURES_UNTIL_AWAY) {
      suffers(Condition.AWAY, why);
    }
  }

  /// What operating systems, S3 services and SSH servers say then; a full node still reads.
  private static boolean full(String why) {
    String text = why.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
    return FULL.stream().anyMatch(text::contains);
  }

  private static String message(IOException e) {
    @Nullable String message = e.getMessage();
    return message != null ? message : e.getClass().getSimpleName();
  }

  /// The same for what changes nothing: a node that was wiped has nothing, and that is an answer.
  ///
  /// @throws NoSuchObjectException if it was wiped
  <T> T ask(Call<T> call) throws IOException {
    if (wiped()) {
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
