package io.ringkeep.repository.lock;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Proof that a holder on this host is dead, without waiting.
/* A holder keeps a file named by its lease's nonce, outside the repository, locked by the operating
 * system as long as it lives. Who finds the file and gets the lock knows the holder to be dead: even
 * SIGKILL frees a lock. A file that is missing proves nothing: the holder may be on another host, in
 * another container, or of another user. A file that is locked proves a process, not that it works. */
final class HostLocks {
  enum Proof {
    DEAD,
    RUNNING,
    NONE
  }

  // POSIX drops a process's lock on a file when the process closes any channel of it, so that
  // asking after one's own lease would give it away.
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private static final Set<PosixFilePermission> OURS_ALONE =
      PosixFilePermissions.fromString("rwx------");
  private static final String USER = System.getProperty("user.name", "unknown");

  private final Path directory;

  HostLocks(Path directory) {
    this.directory = directory;
  }

  /// The directory of this user on this host.
  static HostLocks ofUser() {
    String user = USER.replaceAll("[^A-Za-z0-9._-]", "_");
    String name = "ringkeep-" + user + "-leases";
    return new HostLocks(Path.of(System.getProperty("java.io.tmpdir", "/tmp"), name));
  }

  /// Takes the lock of a nonce until it is closed. Where that is not possible, nothing can be
  /// proven.
  Held hold(String nonce) {
    Path file = directory.resolve(nonce + ".lock");
    @Nullable FileChannel channel = null;
    try {
      if (trusted()) {
        HELD_HERE.add(file);
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        if (channel.tryLock() != null) {
          return new Held(file, channel);
        }
      }
    } catch (IOException e) {
      // No place for lock files, or no locks: then death is proven by waiting.
    }
    Held none = new Held(file, channel);
    none.close();
    return none;
  }

  Proof proof(String nonce) {
    Path file = directory.resolve(nonce + ".lock");
    if (HELD_HERE.contains(file)) {
      return Proof.RUNNING;
    }
    try {
      if (!trusted() || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return Proof.NONE;
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
          FileLock lock = channel.tryLock()) {
        return lock == null ? Proof.RUNNING : Proof.DEAD;
      }
    } catch (IOException e) {
      return Proof.NONE;
    }
  }

  /// Removes what a dead holder left.
  void forget(String nonce) {
    try {
      if (proof(nonce) == Proof.DEAD) {
        Files.deleteIfExists(directory.resolve(nonce + ".lock"));
      }
    } catch (IOException e) {
      // An empty file stays in the temporary directory.
    }
  }

  /// Whether the directory is ours alone: what others can write proves nothing.
  private boolean trusted() throws IOException {
    try {
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OURS_ALONE));
    } catch (FileAlreadyExistsException e) {
      // The usual case.
    }
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    Set<PosixFilePermission> permissions =
        Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
    return permissions.equals(OURS_ALONE)
        && Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).getName().equals(USER);
  }

  /// A lock that is held.
  record Held(Path file, @Nullable FileChannel channel) implements AutoCloseable {
    /// Frees the lock and leaves the file, as the death of a process does.
    void abandon() {
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException e) {
        // The channel is closed all the same.
      } finally {
        HELD_HERE.remove(file);
      }
    }

    @Override
    public void close() {
      try {
        if (channel != null) {
          Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        // An empty file stays in the temporary directory, and its lock is free.
      } finally {
        abandon();
      }
    }
  }
}
