package io.ringkeep.store.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The folders of a store: real ones, made durably.
final class Directories {
  private final Path root;
  // Folders whose names this object has synced. One that another process made may not be on the
  // disk yet, so that existing is not enough.
  private final Set<Path> durable = ConcurrentHashMap.newKeySet();

  /// @param root may be a symbolic link, or not be there yet
  Directories(Path root) {
    this.root = root;
  }

  /// Makes a folder and those above it, up to the root and beyond.
  void make(Path directory) throws IOException {
    if (durable.contains(directory) && Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Path parent = directory.getParent();
    boolean inside = directory.startsWith(root) && !directory.equals(root);
    if (parent != null && (inside || !Files.isDirectory(directory))) {
      make(parent);
      try {
        Files.createDirectory(directory);
      } catch (FileAlreadyExistsException e) {
        requireReal(directory, inside);
      }
      sync(parent);
    }
    durable.add(directory);
  }

  /// Whether this folder of the store is there.
  ///
  /// @throws FileSystemException if a symbolic link or the like stands in its place
  boolean exists(Path directory) throws IOException {
    if (directory.equals(root)) {
      return Files.isDirectory(root);
    }
    Path parent = directory.getParent();
    if (parent == null || !exists(parent)) {
      return false;
    }
    if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return true;
    }
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw foreign(directory);
    }
    return false;
  }

  private static void requireReal(Path directory, boolean inside) throws IOException {
    boolean real =
        inside
            ? Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
            : Files.isDirectory(directory);
    if (!real) {
      throw foreign(directory);
    }
  }

  static FileSystemException foreign(Path path) {
    return new FileSystemException(
        path.toString(), null, "neither a file nor a folder of the store; links are not followed");
  }

  /// The folder that an object's file is in.
  static Path of(Path file) {
    return Objects.requireNonNull(file.getParent(), "a file of the store is below its root");
  }

  /// Puts the names in a folder on the disk.
  static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(/* metaData= */ true);
    }
  }
}
