package io.ringkeep.redis.command;

import io.ringkeep.redis.rdb.Element;
import io.ringkeep.redis.rdb.StreamId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Ids of the pending entries of a stream's groups that no consumer owns, which no command makes.
final class UnownedIds extends QuietVisitor {
  private final List<Set<StreamId>> groups = new ArrayList<>();

  /// True if the entry of the group, counted from 0, is one.
  boolean contains(int group, long idMillis, long idSequence) {
    return group < groups.size() && groups.get(group).contains(new StreamId(idMillis, idSequence));
  }

  @Override
  public void streamGroup(Element name, StreamId lastDelivered, long entriesRead) {
    groups.add(new HashSet<>());
  }

  @Override
  public void streamUnowned(long idMillis, long idSequence) {
    groups.getLast().add(new StreamId(idMillis, idSequence));
  }
}
