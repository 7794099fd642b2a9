package io.ringkeep.cli.verb;

import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Table;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.SnapshotDiff.Difference;
import io.ringkeep.lookup.SnapshotDiff.Kind;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;

/// Counts differences by the first word of names; at most so many words, the rest together.
final class DifferenceTable {
  private static final int MOST_WORDS = 10_000;
  private static final int MOST_ROWS = 20;
  private static final String OTHERS = "(others)";
  private static final String NO_WORD = "(no separator)";

  /// Keys and bytes of each kind.
  private static final class Row {
    final Map<Kind, long[]> counts = new EnumMap<>(Kind.class);

    void add(Kind kind, long bytes) {
      long[] count = counts.computeIfAbsent(kind, _ -> new long[2]);
      count[0]++;
      count[1] += bytes;
    }

    long keys(Kind kind) {
      return counts.containsKey(kind) ? counts.get(kind)[0] : 0;
    }

    long bytes(Kind kind) {
      return counts.containsKey(kind) ? counts.get(kind)[1] : 0;
    }

    long keys() {
      return keys(Kind.ADDED) + keys(Kind.REMOVED) + keys(Kind.CHANGED);
    }
  }

  private final String separator;
  private final Row all = new Row();
  private final Map<String, Row> rows = new HashMap<>();

  DifferenceTable(String separator) {
    this.separator = separator;
  }

  void add(Difference difference) {
    String key = difference.key().key();
    int end = separator.isEmpty() ? -1 : key.indexOf(separator);
    String word = end < 0 ? NO_WORD : key.substring(0, end + separator.length());
    if (!rows.containsKey(word) && rows.size() >= MOST_WORDS) {
      word = OTHERS;
    }
    rows.computeIfAbsent(word, _ -> new Row()).add(difference.kind(), difference.key().bytes());
    all.add(difference.kind(), difference.key().bytes());
  }

  boolean any() {
    return all.keys() > 0;
  }

  /// All of them in a line.
  String total() {
    return "%s added (%s), %s removed (%s), %s changed (%s)"
        .formatted(
            Text.count(all.keys(Kind.ADDED)),
            ByteSize.format(all.bytes(Kind.ADDED)),
            Text.count(all.keys(Kind.REMOVED)),
            ByteSize.format(all.bytes(Kind.REMOVED)),
            Text.count(all.keys(Kind.CHANGED)),
            ByteSize.format(all.bytes(Kind.CHANGED)));
  }

  /// The words with the most differences, as a table.
  List<String> lines() {
    Table table =
        new Table("PREFIX", ">ADDED", ">BYTES", ">REMOVED", ">BYTES", ">CHANGED", ">BYTES");
    List<Map.Entry<String, Row>> sorted = sorted();
    Row left = new Row();
    for (int i = 0; i < sorted.size(); i++) {
      Row row = sorted.get(i).getValue();
      if (i < MOST_ROWS) {
        row(table, sorted.get(i).getKey(), row);
      } else {
        row.counts.forEach((kind, count) -> {
          long[] sum = left.counts.computeIfAbsent(kind, _ -> new long[2]);
          sum[0] += count[0];
          sum[1] += count[1];
        });
      }
    }
    if (left.keys() > 0) {
      row(table, OTHERS, left);
    }
    return table.lines();
  }

  private List<Map.Entry<String, Row>> sorted() {
    return rows.entrySet().stream()
        .sorted(
            Comparator.comparingLong((Map.Entry<String, Row> row) -> row.getValue().keys())
                .reversed()
                .thenComparing(Map.Entry::getKey))
        .collect(Collectors.toList());
  }

  private static void row(Table table, String word, Row row) {
    table.row(
        word,
        Text.count(row.keys(Kind.ADDED)),
        ByteSize.format(row.bytes(Kind.ADDED)),
        Text.count(row.keys(Kind.REMOVED)),
        ByteSize.format(row.bytes(Kind.REMOVED)),
        Text.count(row.keys(Kind.CHANGED)),
        ByteSize.format(row.bytes(Kind.CHANGED)));
  }

  /// Totals, and each word.
  void json(JsonGenerator json) {
    counts(json, all);
    json.writeArrayPropertyStart("prefixes");
    for (Map.Entry<String, Row> row : sorted()) {
      json.writeStartObject();
      json.writeStringProperty("prefix", row.getKey());
      counts(json, row.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void counts(JsonGenerator json, Row row) {
    json.writeNumberProperty("added", row.keys(Kind.ADDED));
    json.writeNumberProperty("addedBytes", row.bytes(Kind.ADDED));
    json.writeNumberProperty("removed", row.keys(Kind.REMOVED));
    json.writeNumberProperty("removedBytes", row.bytes(Kind.REMOVED));
    json.writeNumberProperty("changed", row.keys(Kind.CHANGED));
    json.writeNumberProperty("changedBytes", row.bytes(Kind.CHANGED));
  }
}
