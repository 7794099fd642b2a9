package io.ringkeep.cli.text;

import java.util.ArrayList;
import java.util.List;

/// Rows under aligned headings, two spaces between columns.
public final class Table {
  private final List<Column> columns;
  private final List<List<String>> rows = new ArrayList<>();

  /// A column's heading and the side its cells lean to.
  private record Column(String heading, boolean right) {}

  /// A table with these columns; one whose heading starts with `>` holds numbers and is aligned
  /// right.
  public Table(String... headings) {
    columns =
        List.of(headings).stream()
            .map(heading ->
                heading.startsWith(">")
                    ? new Column(heading.substring(1), /* right= */ true)
                    : new Column(heading, /* right= */ false))
            .toList();
  }

  /// Adds a row with one cell for each column.
  public Table row(String... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          "cells=%d columns=%d".formatted(cells.length, columns.size()));
    }
    rows.add(List.of(cells));
    return this;
  }

  /// The headings and all rows, without trailing spaces.
  public List<String> lines() {
    int[] widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = columns.get(i).heading().length();
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add(line(columns.stream().map(Column::heading).toList(), widths));
    rows.forEach(row -> lines.add(line(row, widths)));
    return lines;
  }

  private String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - cells.get(i).length());
      line.append(i == 0 ? "" : "  ");
      line.append(columns.get(i).right() ? padding + cells.get(i) : cells.get(i) + padding);
    }
    return line.toString().stripTrailing();
  }
}
