package io.ringkeep.scratch;

import io.ringkeep.model.BackupException.Unavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// What this host has left for servers of our own, as far as it tells: the kernel kills what asks
/// for more, and that may be somebody else's process.
///
/// Source: `MemAvailable` in proc(5); `memory.max` and `memory.current` of cgroup v2.
public final class HostRoom {
  private static final Path ROOT = Path.of("/");

  private HostRoom() {}

  /// Goes on if servers that take so much memory fit here.
  ///
  /// @param bytes that they will take at least
  /// @throws Unavailable if this host has not that much memory
  public static void requireMemory(long bytes) {
    require("memory", bytes, memory(ROOT), "with more memory, or of some keys");
  }

  /// Goes on if files of that size fit into a folder.
  ///
  /// @param folder where they will lie
  /// @param bytes that they will take at least
  /// @throws Unavailable if there is not that much space
  public static void requireDisk(Path folder, long bytes) throws IOException {
    require(
        "space in " + folder,
        bytes,
        OptionalLong.of(Files.getFileStore(folder).getUsableSpace()),
        "with more space, or point java.io.tmpdir elsewhere (RINGKEEP_JAVA_OPTIONS)");
  }

  private static void require(String what, long bytes, OptionalLong free, String instead) {
    if (free.isPresent() && free.getAsLong() < bytes) {
      throw new Unavailable(
          "this host has not enough %s to roll forward: atLeastBytes=%d freeBytes=%d"
              .formatted(what, bytes, free.getAsLong()),
          "run it on a host " + instead,
          null);
    }
  }

  /// Memory that processes can still get; empty if the host does not say.
  ///
  /// @param root of its file system
  static OptionalLong memory(Path root) {
    OptionalLong host = available(root.resolve("proc/meminfo"));
    OptionalLong most = number(root.resolve("sys/fs/cgroup/memory.max"));
    OptionalLong used = number(root.resolve("sys/fs/cgroup/memory.current"));
    if (most.isEmpty() || used.isEmpty()) {
      return host;
    }
    long group = Math.max(0, most.getAsLong() - used.getAsLong());
    return OptionalLong.of(Math.min(host.orElse(Long.MAX_VALUE), group));
  }

  private static OptionalLong available(Path meminfo) {
    try {
      return Files.readAllLines(meminfo).stream()
          .filter(line -> line.startsWith("MemAvailable:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1_024)
          .findFirst();
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /// `max` where there is no limit.
  private static OptionalLong number(Path file) {
    try {
      return OptionalLong.of(Long.parseLong(Files.readString(file).strip()));
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
