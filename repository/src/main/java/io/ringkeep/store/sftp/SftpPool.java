package io.ringkeep.store.sftp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The few connections of a store, made when they are needed, and calls that outlive their loss.
/* A channel carries the requests of any number of threads, so nobody ever waits for one to come
 * free, and an upload may stay open as long as it likes. A call takes the channel with the fewest
 * requests under way; another login is made while all have some and there are fewer than allowed. */
final class SftpPool implements AutoCloseable {
  private final SftpLocation location;
  private final SftpLogin login;
  private final SftpSettings settings;
  private final Random chance = new SecureRandom();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition openingOver = lock.newCondition();

  // Guarded by `lock`, as are the next four.
  private final List<SftpChannel> channels = new ArrayList<>();
  private int allowed;
  // One thread at a time logs in; the others use what is there, or wait for it.
  private boolean opening;
  // Of the last login, where it left no channel at all.
  private @Nullable ConnectionLostException failure;
  private boolean closed;

  SftpPool(SftpLocation location, SftpLogin login, SftpSettings settings) {
    this.location = location;
    this.login = login;
    this.settings = settings;
    this.allowed = settings.connections();
  }

  /// A call that may be made again on another channel when its own breaks.
  interface Call<T> {
    T on(SftpFiles files) throws IOException;
  }

  /// Makes a call; makes it again, on another channel and after a pause, if the connection breaks.
  ///
  /// @throws ConnectionLostException if no try brought an answer
  <T> T call(Call<T> call) throws IOException {
    return call(call, tries());
  }

  /// As [#call], but twice at most: for what is not worth a long wait.
  <T> T callBriefly(Call<T> call) throws IOException {
    return call(call, new Tries(Math.min(2, settings.tries())));
  }

  private <T> T call(Call<T> call, Tries tries) throws IOException {
    while (true) {
      try {
        return call.on(files());
      } catch (ConnectionLostException e) {
        tries.again(e);
      }
    }
  }

  Tries tries() {
    return new Tries(settings.tries());
  }

  /// Counts the tries of one call.
  final class Tries {
    private int left;
    private Duration pause = settings.pause();

    private Tries(int left) {
      this.left = left;
    }

    /// Waits before the next try.
    ///
    /// @throws ConnectionLostException the failure itself, if that was the last one
    void again(ConnectionLostException failure) throws IOException {
      if (--left <= 0 || isClosed()) {
        throw failure;
      }
      long most = pause.toMillis();
      pause(Duration.ofMillis(most / 2 + chance.nextLong(most / 2 + 1)), failure);
      pause = pause.multipliedBy(2);
    }
  }

  private static void pause(Duration pause, ConnectionLostException failure) throws IOException {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted between two tries");
      interrupted.initCause(failure);
      throw interrupted;
    }
  }

  /// A channel that works as far as is known.
  ///
  /// @throws ConnectionLostException if the server is not there
  /// @throws io.ringkeep.model.BackupException.AccessDenied if it does not let us in
  SftpFiles files() throws IOException {
    SftpChannel spare = found();
    if (spare != null) {
      return new SftpFiles(spare);
    }
    try {
      return new SftpFiles(added(SftpChannel.open(location, login, settings)));
    } catch (ConnectionLostException e) {
      return new SftpFiles(instead(e));
    } finally {
      opened();
    }
  }

  /// The channel to use, or null if this thread is to open another one, and call [#opened] then.
  private @Nullable SftpChannel found() throws IOException {
    lock.lock();
    try {
      boolean waited = false;
      while (true) {
        requireOpen();
        channels.removeIf(SftpPool::isDead);
        SftpChannel best = leastBusy();
        boolean enough = best != null && (best.waiting() == 0 || channels.size() >= allowed);
        if (best != null && (enough || opening)) {
          return best;
        }
        if (waited && best == null && failure != null) {
          throw new ConnectionLostException(failure); // Its time was ours, too.
        }
        if (!opening) {
          opening = true;
          failure = null;
          return null;
        }
        openingOver.await();
        waited = true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a connection");
    } finally {
      lock.unlock();
    }
  }

  private SftpChannel added(SftpChannel channel) throws IOException {
    lock.lock();
    try {
      if (closed) {
        channel.close();
      }
      requireOpen();
      channels.add(channel);
      return channel;
    } finally {
      lock.unlock();
    }
  }

  /// One of the channels that are there: the server wants no more of us.
  private SftpChannel instead(ConnectionLostException lost) throws ConnectionLostException {
    lock.lock();
    try {
      channels.removeIf(SftpPool::isDead);
      SftpChannel best = leastBusy();
      if (best == null) {
        failure = lost;
        throw lost;
      }
      allowed = channels.size();
      return best;
    } finally {
      lock.unlock();
    }
  }

  private void opened() {
    lock.lock();
    try {
      opening = false;
      openingOver.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("the store is closed: location=" + location);
    }
  }

  private @Nullable SftpChannel leastBusy() {
    SftpChannel best = null;
    for (SftpChannel channel : channels) {
      if (best == null || channel.waiting() < best.waiting()) {
        best = channel;
      }
    }
    return best;
  }

  private static boolean isDead(SftpChannel channel) {
    if (channel.isBroken()) {
      channel.close();
      return true;
    }
    return false;
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      channels.forEach(SftpChannel::close);
      channels.clear();
    } finally {
      lock.unlock();
    }
  }
}
