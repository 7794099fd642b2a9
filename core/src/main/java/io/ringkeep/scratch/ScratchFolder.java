package io.ringkeep.scratch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// A temporary folder that nobody but this user can look into, gone when closed.
///
/// What a killed process left, a server that holds a cache in memory among it, is removed by the
/// next one that makes such a folder.
public final class ScratchFolder implements AutoCloseable {
  /*
   * The owner holds a lock on a file of the folder as long as it lives, whatever kills it. The file gets its name
   * when it is locked, so that nobody takes a folder that is being made for one that was left. A process must not
   * look at its own: closing a file gives up all locks that a process has on it.
   */
  private static final String PREFIX = "ringkeep-scratch-";
  private static final String OWNER = "owner";
  private static final String SERVER = "server";
  private static final int DELETE_TRIES = 5;
  private static final Duration PAUSE = Duration.ofMillis(50);

  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();
  private static final AtomicBoolean SWEPT = new AtomicBoolean();

  private final Path folder;
  private final FileChannel owner;

  private ScratchFolder(Path folder, FileChannel owner) {
    this.folder = folder;
    this.owner = owner;
  }

  /// Makes one, below the system's folder for temporary files.
  public static ScratchFolder create() throws IOException {
    if (SWEPT.compareAndSet(false, true)) {
      sweep();
    }
    return create(all());
  }

  /// Makes one in `parent`.
  static ScratchFolder create(Path parent) throws IOException {
    Path folder = Files.createTempDirectory(parent.toAbsolutePath(), PREFIX);
    OWN.add(folder);
    Path unnamed = folder.resolve(OWNER + ".new");
    FileChannel owner =
        FileChannel.open(unnamed, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      owner.lock();
      Files.move(unnamed, folder.resolve(OWNER), StandardCopyOption.ATOMIC_MOVE);
      return new ScratchFolder(folder, owner);
    } catch (IOException e) {
      owner.close();
      delete(folder);
      throw e;
    }
  }

  /// Where it is.
  public Path path() {
    return folder;
  }

  /// Notes a server that works here: it must not outlive this process for long.
  void serves(Process server) throws IOException {
    Optional<Instant> start = server.info().startInstant();
    if (start.isPresent()) {
      Files.writeString(folder.resolve(SERVER), server.pid() + " " + start.get().toEpochMilli());
    }
  }

  /// Removes the folders of processes that are no more, and ends their servers.
  static void sweep() throws IOException {
    try (DirectoryStream<Path> there =
        Files.newDirectoryStream(all().toAbsolutePath(), PREFIX + "*")) {
      for (Path folder : there) {
        try {
          sweep(folder);
        } catch (IOException | UncheckedIOException e) {
          // Another user's, or somebody else removes it.
        }
      }
    }
  }

  private static Path all() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  private static void sweep(Path folder) throws IOException {
    Path named = folder.resolve(OWNER);
    if (OWN.contains(folder) || !Files.exists(named)) {
      return;
    }
    try (FileChannel owner = FileChannel.open(named, StandardOpenOption.WRITE);
        FileLock lock = owner.tryLock()) {
      if (lock != null) {
        endServer(folder.resolve(SERVER));
        delete(folder);
      }
    } catch (OverlappingFileLockException e) {
      // This process's, made a moment ago.
    }
  }

  private static void endServer(Path note) throws IOException {
    if (!Files.exists(note)) {
      return;
    }
    String[] words = Files.readString(note).split(" ", -1);
    long start = Long.parseLong(words[1]);
    ProcessHandle.of(Long.parseLong(words[0]))
        // A process's number may have gone to another one.
        .filter(server ->
            server.info().startInstant().map(Instant::toEpochMilli).equals(Optional.of(start)))
        .ifPresent(ProcessHandle::destroyForcibly);
  }

  /// Removes it and all below it, the first time.
  @Override
  public void close() throws IOException {
    if (!owner.isOpen()) {
      return;
    }
    owner.close();
    for (int left = DELETE_TRIES; ; left--) {
      try {
        delete(folder);
        OWN.remove(folder);
        return;
      } catch (IOException e) {
        // A child that was saving outlives its server by a moment, and writes there.
        if (left == 0) {
          throw e;
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
