package io.ringkeep.redis.replication;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What was sent to a server and not answered yet, oldest first: at most so many commands and
/// bytes, except that one command always may.
///
/// One thread enters, another leaves.
final class RestoreWindow {
  /// A command on its way. `key` is null for `SELECT`.
  // Never compared, so an array is fine as a component.
  @SuppressWarnings("ArrayRecordComponent")
  record Sent(int database, byte @Nullable [] key, long bytes) {}

  private final int maxCommands;
  private final long maxBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  // Guarded by the lock.
  private final ArrayDeque<Sent> sent = new ArrayDeque<>();
  private long bytes;
  private boolean closed;
  private long busySince;

  RestoreWindow(int maxCommands, long maxBytes) {
    this.maxCommands = maxCommands;
    this.maxBytes = maxBytes;
  }

  /// Enters a command if there is room for it.
  ///
  /// @return false if there is none: send what is gathered, then [#enter]
  boolean tryEnter(Sent command) {
    lock.lock();
    try {
      if (!fits(command.bytes())) {
        return false;
      }
      add(command);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Enters a command, waiting for room. After [#close] it enters at once: the caller will see why.
  void enter(Sent command) throws InterruptedException {
    lock.lock();
    try {
      while (!fits(command.bytes())) {
        room.await();
      }
      add(command);
    } finally {
      lock.unlock();
    }
  }

  private boolean fits(long more) {
    return closed || sent.isEmpty() || (sent.size() < maxCommands && bytes + more <= maxBytes);
  }

  private void add(Sent command) {
    if (sent.isEmpty()) {
      busySince = System.nanoTime();
    }
    sent.addLast(command);
    bytes += command.bytes();
  }

  /// Waits until everything was answered, or the window is closed.
  void awaitEmpty() throws InterruptedException {
    lock.lock();
    try {
      while (!sent.isEmpty() && !closed) {
        room.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /// The oldest command, which was answered now; null if none is on its way.
  @Nullable Sent leave() {
    lock.lock();
    try {
      @Nullable Sent oldest = sent.pollFirst();
      if (oldest != null) {
        bytes -= oldest.bytes();
        busySince = System.nanoTime();
        // Not at each step: a thread that wakes for one command's room sends one command.
        if (sent.isEmpty() || (sent.size() <= maxCommands / 2 && bytes <= maxBytes / 2)) {
          room.signalAll();
        }
      }
      return oldest;
    } finally {
      lock.unlock();
    }
  }

  /// For how long something has been on its way and nothing was answered; 0 if nothing is.
  long silentNanos() {
    lock.lock();
    try {
      return sent.isEmpty() ? 0 : System.nanoTime() - busySince;
    } finally {
      lock.unlock();
    }
  }

  /// Lets everybody go who waits.
  void close() {
    lock.lock();
    try {
      closed = true;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
