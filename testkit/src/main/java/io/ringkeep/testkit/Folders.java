package io.ringkeep.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Folders that live as long as a server does.
final class Folders {
  private Folders() {}

  static Path temporary(String name) {
    try {
      return Files.createTempDirectory("ringkeep-" + name + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final int TRIES = 5;
  private static final Duration PAUSE = Duration.ofMillis(20);

  /// Removes a folder and all below it. What a dying server removes or writes at the same time is
  /// no error.
  static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    for (int left = TRIES; ; left--) {
      try {
        for (Path path : contentsFirst(folder)) {
          Files.deleteIfExists(path);
        }
        return;
      } catch (IOException e) {
        if (left == 0 || !(e instanceof DirectoryNotEmptyException)) {
          throw new UncheckedIOException(e);
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  private static List<Path> contentsFirst(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.sorted(Comparator.reverseOrder()).toList();
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        return contentsFirst(folder);
      }
      throw e;
    }
  }
}
