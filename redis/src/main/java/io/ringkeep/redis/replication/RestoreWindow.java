package io.ringkeep.redis.replication;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What was sent to a server and not answered yet: at most so many commands and bytes, except that
/// one command always may.
///
/// One thread enters commands. Another takes them, many at once, and reports them as answered when
/// what the answers mean is recorded: whoever waits for the window to be empty relies on that.
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
  private final Deque<Sent> entered = new ArrayDeque<>();
  private int commands;
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
    return closed || commands == 0 || (commands < maxCommands && bytes + more <= maxBytes);
  }

  private void add(Sent command) {
    if (commands == 0) {
      busySince = System.nanoTime();
    }
    entered.addLast(command);
    commands++;
    bytes += command.bytes();
  }

  /// Waits until everything was answered, or the window is closed.
  void awaitEmpty() throws InterruptedException {
    lock.lock();
    try {
      while (commands > 0 && !closed) {
        room.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Moves the commands that entered since the last time to the end of `into`, oldest first.
  void take(Deque<Sent> into) {
    lock.lock();
    try {
      into.addAll(entered);
      entered.clear();
    } finally {
      lock.unlock();
    }
  }

  /// Reports commands that were taken as answered.
  void answered(int count, long size) {
    lock.lock();
    try {
      commands -= count;
      bytes -= size;
      busySince = System.nanoTime();
      // Not at each step: a thread that wakes for one command's room sends one command.
      if (commands == 0 || (commands <= maxCommands / 2 && bytes <= maxBytes / 2)) {
        room.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// For how long something has been on its way and nothing was answered; 0 if nothing is.
  long silentNanos() {
    lock.lock();
    try {
      return commands == 0 ? 0 : System.nanoTime() - busySince;
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
