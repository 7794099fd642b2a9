package io.ringkeep.client;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.time.Duration;
import java.util.Optional;

/// How a key is backed up.
///
/// @param copies whole copies, each on a primary of its own, the backup key's among them; 1 or more
/// @param pieces pieces of the value, each on a primary of its own; 1 or more; not together with
///   copies
/// @param ttl how long the backup itself is kept; empty: until it is deleted or evicted
/// @param replace whether a backup that is there already is overwritten; never anything else
public record BackupOptions(int copies, int pieces, Optional<Duration> ttl, boolean replace) {
  /// One copy, kept, and never over another one.
  public static final BackupOptions DEFAULT =
      new BackupOptions(1, 1, Optional.empty(), /* replace= */ false);

  private static final int MOST_PARTS = 1024;

  public BackupOptions {
    if (copies < 1 || pieces < 1 || copies > MOST_PARTS || pieces > MOST_PARTS) {
      throw new InvalidRequest(
          "copies and pieces are 1 to %d: copies=%d pieces=%d"
              .formatted(MOST_PARTS, copies, pieces),
          "give a number in between");
    }
    if (copies > 1 && pieces > 1) {
      throw new InvalidRequest(
          "a value is either copied or divided: copies=%d pieces=%d".formatted(copies, pieces),
          "leave one of them out");
    }
    if (ttl.isPresent() && ttl.get().toMillis() < 1) {
      throw new InvalidRequest(
          "a backup is kept a millisecond or longer: ttl=" + ttl.get(), "give a longer time");
    }
  }

  /// `copy(key, num)`: n whole copies on n primaries.
  public BackupOptions copies(int n) {
    return new BackupOptions(n, pieces, ttl, replace);
  }

  /// `divide(key, size)`: the value in n pieces on n primaries.
  public BackupOptions divide(int n) {
    return new BackupOptions(copies, n, ttl, replace);
  }

  /// The backup is deleted by the server after `kept`.
  public BackupOptions ttl(Duration kept) {
    return new BackupOptions(copies, pieces, Optional.of(kept), replace);
  }

  /// A backup that is there is overwritten.
  public BackupOptions replacing() {
    return new BackupOptions(copies, pieces, ttl, /* replace= */ true);
  }

  /// A backup that is there is kept and the call fails.
  public BackupOptions ifAbsent() {
    return new BackupOptions(copies, pieces, ttl, /* replace= */ false);
  }

  int parts() {
    return Math.max(copies, pieces);
  }
}
