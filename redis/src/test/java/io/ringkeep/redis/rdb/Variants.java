package io.ringkeep.redis.rdb;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Values that differ from a given one in one place each.
final class Variants {
  private Variants() {}

  static List<LogicalValue> of(LogicalValue value) {
    return switch (value) {
      case LogicalValue.Text text ->
          List.of(
              new LogicalValue.Text(text.bytes() + "x"),
              new LogicalValue.Text(text.bytes() + "\0"));
      case LogicalValue.Items list -> list(list.items());
      case LogicalValue.Members set -> set(set.members());
      case LogicalValue.Scores sortedSet -> sortedSet(sortedSet.scores());
      case LogicalValue.Fields hash -> hash(hash.fields());
      case LogicalValue.Stream stream -> stream(stream);
      case LogicalValue.Array array -> array(array);
    };
  }

  private static List<LogicalValue> list(List<String> items) {
    List<LogicalValue> variants = new ArrayList<>();
    variants.add(new LogicalValue.Items(items.reversed()));
    List<String> longer = new ArrayList<>(items);
    longer.add("");
    variants.add(new LogicalValue.Items(longer));
    List<String> other = new ArrayList<>(items);
    other.set(items.size() / 2, other.get(items.size() / 2) + "!");
    variants.add(new LogicalValue.Items(other));
    return variants;
  }

  private static List<LogicalValue> set(Set<String> members) {
    Set<String> more = new LinkedHashSet<>(members);
    more.add("another member");
    Set<String> other = new LinkedHashSet<>(more);
    other.remove(members.iterator().next());
    return List.of(new LogicalValue.Members(more), new LogicalValue.Members(other));
  }

  private static List<LogicalValue> sortedSet(Map<String, Double> scores) {
    String member = scores.keySet().iterator().next();
    Map<String, Double> next = new LinkedHashMap<>(scores);
    next.computeIfPresent(member, (m, score) -> Double.isInfinite(score) ? 1 : Math.nextUp(score));
    Map<String, Double> negated = new LinkedHashMap<>(scores);
    negated.computeIfPresent(member, (m, score) -> score == 0 ? 1 : -score);
    Map<String, Double> renamed = new LinkedHashMap<>(scores);
    renamed.put("another member", renamed.getOrDefault(member, 0.0));
    renamed.remove(member);
    return List.of(
        new LogicalValue.Scores(next),
        new LogicalValue.Scores(negated),
        new LogicalValue.Scores(renamed));
  }

  private static List<LogicalValue> hash(Map<String, LogicalValue.Field> fields) {
    List<LogicalValue> variants = new ArrayList<>();
    Map.Entry<String, LogicalValue.Field> first = fields.entrySet().iterator().next();
    LogicalValue.Field field = first.getValue();
    for (LogicalValue.Field other :
        List.of(
            new LogicalValue.Field(field.value() + "!", field.expiry()),
            new LogicalValue.Field(field.value(), field.expiry() == -1 ? 1 : -1),
            new LogicalValue.Field(field.value(), field.expiry() + 1000))) {
      Map<String, LogicalValue.Field> changed = new LinkedHashMap<>(fields);
      changed.put(first.getKey(), other);
      variants.add(new LogicalValue.Fields(changed));
    }
    Map<String, LogicalValue.Field> swapped = new LinkedHashMap<>(fields);
    swapped.remove(first.getKey());
    swapped.put(field.value() + "'", new LogicalValue.Field(first.getKey(), field.expiry()));
    variants.add(new LogicalValue.Fields(swapped));
    return variants;
  }

  private static List<LogicalValue> array(LogicalValue.Array array) {
    Map.Entry<Long, String> first = array.elements().entrySet().iterator().next();
    Map<Long, String> changed = new LinkedHashMap<>(array.elements());
    changed.put(first.getKey(), first.getValue() + "!");
    Map<Long, String> moved = new LinkedHashMap<>(array.elements());
    moved.remove(first.getKey());
    long free = 0;
    while (array.elements().containsKey(free)) {
      free++;
    }
    moved.put(free, first.getValue());
    Map<Long, String> more = new LinkedHashMap<>(array.elements());
    more.put(free, "");
    return List.of(
        new LogicalValue.Array(changed, array.next()),
        new LogicalValue.Array(moved, array.next()),
        new LogicalValue.Array(more, array.next()),
        new LogicalValue.Array(array.elements(), array.next() + 1));
  }

  private static List<LogicalValue> stream(LogicalValue.Stream s) {
    List<LogicalValue> variants = new ArrayList<>();
    StreamId later = new StreamId(s.last().millis(), s.last().sequence() + 3);
    variants.add(with(s, s.entries(), later, s.maxDeleted(), s.added(), s.groups()));
    variants.add(with(s, s.entries(), s.last(), later, s.added(), s.groups()));
    variants.add(with(s, s.entries(), s.last(), s.maxDeleted(), s.added() + 1, s.groups()));
    for (int i = 0; i < s.entries().size(); i++) {
      LogicalValue.Entry entry = s.entries().get(i);
      if (!entry.deleted()) {
        List<String> more = new ArrayList<>(entry.namesAndValues());
        more.addAll(List.of("one", "more"));
        List<LogicalValue.Entry> entries = new ArrayList<>(s.entries());
        entries.set(i, new LogicalValue.Entry(entry.id(), more, false));
        variants.add(with(s, entries, s.last(), s.maxDeleted(), s.added(), s.groups()));
      }
    }
    for (int i = 0; i < s.groups().size(); i++) {
      for (LogicalValue.Group other : groups(s.groups().get(i))) {
        List<LogicalValue.Group> groups = new ArrayList<>(s.groups());
        groups.set(i, other);
        variants.add(with(s, s.entries(), s.last(), s.maxDeleted(), s.added(), groups));
      }
    }
    return variants;
  }

  private static LogicalValue.Stream with(
      LogicalValue.Stream s,
      List<LogicalValue.Entry> entries,
      StreamId last,
      StreamId maxDeleted,
      long added,
      List<LogicalValue.Group> groups) {
    return new LogicalValue.Stream(entries, last, s.first(), maxDeleted, added, groups);
  }

  private static List<LogicalValue.Group> groups(LogicalValue.Group g) {
    List<LogicalValue.Group> variants = new ArrayList<>();
    StreamId later = new StreamId(g.delivered().millis() + 1, 0);
    variants.add(
        new LogicalValue.Group(
            g.name() + "'", g.delivered(), g.read(), g.pending(), g.consumers(), g.unowned()));
    variants.add(
        new LogicalValue.Group(g.name(), later, g.read(), g.pending(), g.consumers(), g.unowned()));
    variants.add(
        new LogicalValue.Group(
            g.name(), g.delivered(), g.read() + 1, g.pending(), g.consumers(), g.unowned()));
    List<LogicalValue.Consumer> more = new ArrayList<>(g.consumers());
    more.add(new LogicalValue.Consumer("zoe", List.of()));
    variants.add(
        new LogicalValue.Group(g.name(), g.delivered(), g.read(), g.pending(), more, g.unowned()));
    List<StreamId> handedBack = new ArrayList<>(g.unowned());
    handedBack.add(new StreamId(Long.MAX_VALUE, 7));
    variants.add(
        new LogicalValue.Group(
            g.name(), g.delivered(), g.read(), g.pending(), g.consumers(), handedBack));
    if (!g.pending().isEmpty()) {
      LogicalValue.Pending p = g.pending().getFirst();
      for (LogicalValue.Pending other :
          List.of(
              new LogicalValue.Pending(p.id(), p.time() ^ 1, p.count()),
              new LogicalValue.Pending(p.id(), p.time(), p.count() + 1))) {
        List<LogicalValue.Pending> pending = new ArrayList<>(g.pending());
        pending.set(0, other);
        variants.add(
            new LogicalValue.Group(
                g.name(), g.delivered(), g.read(), pending, g.consumers(), g.unowned()));
      }
    }
    return variants;
  }
}
