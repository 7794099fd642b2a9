package io.ringkeep.backup;

import java.nio.file.Path;
import java.util.Map;

/// How a backup is compared with the snapshot before.
///
/// @param full store everything, whatever is there already
/// @param acceptCollapse take a snapshot for good that has far fewer keys than the one before
/// @param folder where this machine keeps what it knows of records; it can be deleted at any time
public record Incremental(boolean full, boolean acceptCollapse, Path folder) {

  /// The folder of this user: below `XDG_CACHE_HOME`, or below `.cache` in the home directory.
  ///
  /// @param environment of the process
  /// @param home of the user
  public static Path folder(Map<String, String> environment, Path home) {
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path parent = Path.of(caches).isAbsolute() ? Path.of(caches) : home.resolve(".cache");
    return parent.resolve("ringkeep");
  }
}
