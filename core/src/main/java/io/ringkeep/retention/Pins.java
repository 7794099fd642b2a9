package io.ringkeep.retention;

import io.ringkeep.model.BackupException;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Decision;
import java.io.IOException;
import java.time.Clock;
import java.util.List;

/// Pins snapshots, so that nothing forgets them, and releases them.
public final class Pins {
  private Pins() {}

  /// Pins a snapshot, or gives a pinned one another note.
  ///
  /// @param snapshot `latest`, an id, or the beginning of one
  /// @param note why, for people; may be empty
  /// @return its id
  /// @throws BackupException.NotFound if there is no such snapshot
  /// @throws BackupException.Locked if someone else works on the cache
  public static String keep(
      Repository repository, String cache, String snapshot, String note, Clock clock)
      throws IOException {
    return decide(repository, cache, snapshot, id -> new Decision.Keep(List.of(id), note), clock);
  }

  /// Releases a snapshot, pinned or not.
  ///
  /// @return its id
  public static String release(Repository repository, String cache, String snapshot, Clock clock)
      throws IOException {
    return decide(repository, cache, snapshot, id -> new Decision.Release(List.of(id)), clock);
  }

  private interface About {
    Decision snapshot(String id);
  }

  private static String decide(
      Repository repository, String cache, String snapshot, About about, Clock clock)
      throws IOException {
    try (Lease lease = repository.leases().acquire("cache-" + cache, "keep")) {
      String id = repository.snapshots(cache).resolveReference(snapshot).id();
      lease.confirm();
      repository.ledger(cache).append(lease.epoch(), clock.instant(), about.snapshot(id));
      return id;
    }
  }
}
