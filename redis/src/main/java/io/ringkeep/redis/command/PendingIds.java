package io.ringkeep.redis.command;

import io.ringkeep.redis.rdb.StreamId;
import java.util.NavigableSet;
import java.util.TreeSet;

/// Ids of a stream's pending entries whose entries are gone: each has to be there while it is
/// claimed.
///
/// Source: `xclaimCommand` in `t_stream.c`; since 7.0 an entry that is not there is not claimed.
final class PendingIds extends QuietVisitor {
  private final NavigableSet<StreamId> ids = new TreeSet<>();

  @Override
  public void streamPending(
      long idMillis, long idSequence, long deliveryMillis, long deliveryCount) {
    ids.add(new StreamId(idMillis, idSequence));
  }

  /// Takes note that the entry is there. What this returns is to be written before it.
  NavigableSet<StreamId> before(StreamId entry) {
    NavigableSet<StreamId> before = new TreeSet<>(ids.headSet(entry, /* inclusive= */ false));
    ids.removeAll(before);
    ids.remove(entry);
    return before;
  }

  /// Those behind the last entry.
  NavigableSet<StreamId> rest() {
    return ids;
  }
}
