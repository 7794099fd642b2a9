package io.ringkeep.restore;

import io.ringkeep.model.Record;
import io.ringkeep.redis.Glob;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// Which records of a snapshot are meant. What is empty selects everything.
///
/// @param match the name is matched by any of these
/// @param exclude and by none of these
/// @param databases numbers of databases, as they are in the snapshot
/// @param types of values
/// @param smallest bytes of key and value together as they are stored, inclusive
/// @param largest the same, inclusive
/// @param keys names, copied to buffers of their own; empty means all
public record Selection(
    List<Glob> match,
    List<Glob> exclude,
    Set<Integer> databases,
    Set<LogicalType> types,
    OptionalLong smallest,
    OptionalLong largest,
    Set<ByteBuffer> keys) {
  /// Every record.
  public static final Selection ALL =
      new Selection(
          List.of(),
          List.of(),
          Set.of(),
          Set.of(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          Set.of());

  public Selection {
    match = List.copyOf(match);
    exclude = List.copyOf(exclude);
    databases = Set.copyOf(databases);
    types = Set.copyOf(types);
    keys = Set.copyOf(keys);
  }

  /// True if no record is left out.
  public boolean all() {
    return equals(ALL);
  }

  /// True if the record is meant.
  public boolean selects(Record record) {
    if (!selectsName(record.database(), record.key())) {
      return false;
    }
    if (!types.isEmpty() && !types.contains(RdbType.logicalType(record.version(), record.type()))) {
      return false;
    }
    long bytes = (long) record.key().remaining() + record.value().remaining();
    return bytes >= smallest.orElse(0) && bytes <= largest.orElse(Long.MAX_VALUE);
  }

  /// True if names and databases alone decide.
  boolean byNameAlone() {
    return types.isEmpty() && smallest.isEmpty() && largest.isEmpty();
  }

  /// True if a key is meant, as far as its name and database tell.
  boolean selectsName(int database, ByteBuffer name) {
    // Buffers are equal when their contents are.
    return (databases.isEmpty() || databases.contains(database))
        && (keys.isEmpty() || keys.contains(name))
        && (match.isEmpty() || match.stream().anyMatch(glob -> glob.matches(name)))
        && exclude.stream().noneMatch(glob -> glob.matches(name));
  }

  /// The highest database that is selected, if the selection says which.
  OptionalInt highestDatabase() {
    return databases.stream().mapToInt(Integer::intValue).max();
  }

  /// The selection in words, for a plan.
  List<String> words() {
    List<String> words = new ArrayList<>();
    match.forEach(glob -> words.add("match " + glob));
    exclude.forEach(glob -> words.add("exclude " + glob));
    if (!databases.isEmpty()) {
      words.add("databases " + databases.stream().sorted().toList());
    }
    if (!types.isEmpty()) {
      words.add("types " + types.stream().sorted().toList());
    }
    smallest.ifPresent(bytes -> words.add("at least %d bytes".formatted(bytes)));
    largest.ifPresent(bytes -> words.add("at most %d bytes".formatted(bytes)));
    if (!keys.isEmpty()) {
      words.add("%d named keys".formatted(keys.size()));
    }
    return words;
  }
}
