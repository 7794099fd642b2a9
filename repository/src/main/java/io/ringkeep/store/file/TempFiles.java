package io.ringkeep.store.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Files that have no name yet.
/* A writer holds a lock of the operating system on its file; it goes with the process. Whoever gets
 * the lock of another process's file knows its writer to be dead and deletes it; that happens before
 * a process's first write. Should a file system take locks lightly, the worst is that a living
 * writer loses its file: its link then fails, and nothing else is lost. */
final class TempFiles {
  // Locks are a process's, not a store's: a process must leave its own files alone.
  private static final String PROCESS = random();
  private static final AtomicLong COUNTER = new AtomicLong();

  private final Path directory;
  private final AtomicBoolean cleaned = new AtomicBoolean();

  TempFiles(Path directory) {
    this.directory = directory;
  }

  Path directory() {
    return directory;
  }

  /// A new, empty, locked file.
  TempFile create() throws IOException {
    if (cleaned.compareAndSet(false, true)) {
      deleteLeftovers();
    }
    while (true) {
      Path path = directory.resolve(PROCESS + "-" + COUNTER.incrementAndGet());
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      TempFile file = new TempFile(path, channel);
      // Between creating and locking, another process may have taken it for a leftover.
      if (lock(channel) && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        return file;
      }
      file.close();
    }
  }

  private void deleteLeftovers() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (!file.getFileName().toString().startsWith(PROCESS)) {
          deleteIfDead(file);
        }
      }
    }
  }

  private static void deleteIfDead(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      // Its writer has finished, or someone else cleans.
    } catch (IOException e) {
      // Not ours to open, or no locks here: a leftover costs space, not safety.
    }
  }

  /// @return false if someone else holds the lock
  private static boolean lock(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (IOException e) {
      // No locks on this file system: then nobody can take ours either.
      return true;
    }
  }

  private static String random() {
    byte[] bytes = new byte[8];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /// A file in the making; closing it deletes this name of it.
  record TempFile(Path path, FileChannel channel) implements AutoCloseable {
    /// Gives the file its name.
    ///
    /// @return false if the name is taken by another
    boolean link(Path target) throws IOException {
      try {
        Files.createLink(target, path);
        return true;
      } catch (FileAlreadyExistsException e) {
        // NFS may repeat a link whose answer was lost, and so tell us of ourselves.
        return Files.isSameFile(target, path);
      } catch (UnsupportedOperationException e) {
        throw new IOException("the file system has no hard links: path=" + target, e);
      }
    }

    @Override
    public void close() throws IOException {
      try (channel) {
        Files.deleteIfExists(path);
      }
    }
  }
}
