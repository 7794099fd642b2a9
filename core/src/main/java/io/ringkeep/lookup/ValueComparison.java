package io.ringkeep.lookup;

import io.ringkeep.lookup.ValueChange.Kind;
import io.ringkeep.lookup.ValueChange.Sample;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.Element;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Finds out how two values differ.
///
/// The elements of the one before are put into a table of hashes, those of the other are looked up
/// in it; a second walk over the first one names what is gone. Not thread-safe.
final class ValueComparison {
  private final ElementWalk walk;
  private final ElementWalk otherWalk;
  private final int mostSamples;

  /// @param key keys the hashes that elements are compared by
  /// @param mostSamples how many differences are named, of each kind
  ValueComparison(HashKey key, int mostSamples) {
    walk = new ElementWalk(key);
    otherWalk = new ElementWalk(key);
    this.mostSamples = mostSamples;
  }

  /// How `after` differs from `before`.
  ValueChange compare(Record before, Record after) {
    LogicalType typeBefore = RdbType.logicalType(before.version(), before.type());
    LogicalType type = RdbType.logicalType(after.version(), after.type());
    if (typeBefore != type) {
      return new ValueChange(
          typeBefore, type, 0, 0, 0, false, false, -1, size(before), size(after), List.of());
    }
    return switch (type) {
      case STRING, MODULE -> strings(type, before, after);
      case LIST, SET, SORTED_SET, HASH, STREAM, ARRAY -> elements(type, before, after);
    };
  }

  /// Number of elements, or bytes of a string.
  long size(Record record) {
    return switch (RdbType.logicalType(record.version(), record.type())) {
      case STRING, MODULE -> {
        long[] length = new long[1];
        walk.whole(record, element -> length[0] = element.length());
        yield length[0];
      }
      case LIST, SET, SORTED_SET, HASH, STREAM, ARRAY -> ValueParts.count(record);
    };
  }

  private ValueChange strings(LogicalType type, Record before, Record after) {
    long[] found = new long[3];
    walk.whole(
        before,
        one ->
            otherWalk.whole(
                after,
                other -> {
                  found[0] = content(one).mismatch(content(other));
                  found[1] = one.length();
                  found[2] = other.length();
                }));
    return new ValueChange(
        type, type, 0, 0, 0, true, false, found[0], found[1], found[2], List.of());
  }

  private static ByteBuffer content(Element element) {
    return element.buffer().slice(element.start(), element.end() - element.start());
  }

  private ValueChange elements(LogicalType type, Record before, Record after) {
    long sizeBefore = ValueParts.count(before);
    long size = ValueParts.count(after);
    if (sizeBefore > ElementTable.MOST_ELEMENTS) {
      return new ValueChange(
          type,
          type,
          Math.max(0, size - sizeBefore),
          Math.max(0, sizeBefore - size),
          0,
          false,
          false,
          -1,
          sizeBefore,
          size,
          List.of());
    }
    return type == LogicalType.LIST
        ? lists(before, after, sizeBefore, size)
        : named(type, before, after, sizeBefore, size);
  }

  private ValueChange named(
      LogicalType type, Record before, Record after, long sizeBefore, long size) {
    ElementTable table = new ElementTable();
    Tally tally = new Tally(mostSamples);
    walk.walk(
        before,
        (name, content, label) -> {
          int place = table.place(name);
          if (!table.has(place)) {
            table.put(place, name, content);
          }
        });
    long state = walk.state();
    walk.walk(
        after,
        (name, content, label) -> {
          int place = table.place(name);
          if (!table.has(place)) {
            tally.add(Kind.ADDED, label);
          } else {
            if (table.content(place) != content) {
              tally.add(Kind.CHANGED, label);
            }
            table.mark(place);
          }
        });
    boolean stateChanged = walk.state() != state;
    walk.walk(
        before,
        (name, content, label) -> {
          if (!table.marked(table.place(name))) {
            tally.add(Kind.REMOVED, label);
          }
        });
    boolean counters = stateChanged && tally.none();
    return tally.change(type, counters, sizeBefore, size);
  }

  private ValueChange lists(Record before, Record after, long sizeBefore, long size) {
    ElementTable table = new ElementTable();
    Tally tally = new Tally(mostSamples);
    walk.walk(
        before,
        (name, content, label) -> {
          int place = table.place(name);
          if (table.has(place)) {
            table.set(place, table.content(place) + 1);
          } else {
            table.put(place, name, 1);
          }
        });
    long order = walk.state();
    walk.walk(
        after,
        (name, content, label) -> {
          if (!take(table, name)) {
            tally.add(Kind.ADDED, label);
          }
        });
    boolean sameOrder = walk.state() == order;
    walk.walk(
        before,
        (name, content, label) -> {
          if (take(table, name)) {
            tally.add(Kind.REMOVED, label);
          }
        });
    return tally.change(LogicalType.LIST, tally.none() && !sameOrder, sizeBefore, size);
  }

  /// Takes one of a name's occurrences; false if none is left.
  private static boolean take(ElementTable table, long name) {
    int place = table.place(name);
    if (!table.has(place) || table.content(place) == 0) {
      return false;
    }
    table.set(place, table.content(place) - 1);
    return true;
  }

  /// Counts differences and keeps the first of them.
  private static final class Tally {
    private final int most;
    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    private final List<Sample> samples = new ArrayList<>();

    Tally(int most) {
      this.most = most;
    }

    void add(Kind kind, ElementWalk.Label label) {
      if (counts.merge(kind, 1L, Long::sum) <= most) {
        samples.add(new Sample(kind, label.bytes()));
      }
    }

    boolean none() {
      return counts.isEmpty();
    }

    ValueChange change(LogicalType type, boolean reordered, long sizeBefore, long size) {
      return new ValueChange(
          type,
          type,
          counts.getOrDefault(Kind.ADDED, 0L),
          counts.getOrDefault(Kind.REMOVED, 0L),
          counts.getOrDefault(Kind.CHANGED, 0L),
          true,
          reordered,
          -1,
          sizeBefore,
          size,
          samples);
    }
  }
}
