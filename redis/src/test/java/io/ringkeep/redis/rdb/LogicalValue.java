package io.ringkeep.redis.rdb;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a value means, in plain collections: the model that encodings and fingerprints are tested
/// against. Strings hold one byte in each character.
sealed interface LogicalValue {
  record Text(String bytes) implements LogicalValue {}

  record Items(List<String> items) implements LogicalValue {}

  record Members(Set<String> members) implements LogicalValue {}

  record Scores(Map<String, Double> scores) implements LogicalValue {}

  record Fields(Map<String, Field> fields) implements LogicalValue {}

  /// A value of a hash; `expiry` -1 for none.
  record Field(String value, long expiry) {}

  /// A stream as Redis 7.0 and later keep it.
  record Stream(
      List<Entry> entries,
      StreamId last,
      StreamId first,
      StreamId maxDeleted,
      long added,
      List<Group> groups)
      implements LogicalValue {
    long length() {
      return entries.stream().filter(e -> !e.deleted()).count();
    }
  }

  /// An array: what stands under which index, and where insertion goes on; all unsigned.
  record Array(Map<Long, String> elements, long next) implements LogicalValue {}

  record Entry(StreamId id, List<String> namesAndValues, boolean deleted) {}

  record Group(
      String name,
      StreamId delivered,
      long read,
      List<Pending> pending,
      List<Consumer> consumers,
      List<StreamId> unowned) {}

  record Pending(StreamId id, long time, long count) {}

  record Consumer(String name, List<StreamId> owned) {}
}
