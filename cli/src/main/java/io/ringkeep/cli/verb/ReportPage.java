package io.ringkeep.cli.verb;

import io.ringkeep.cli.chart.Markup;
import io.ringkeep.cli.chart.Treemap;
import io.ringkeep.cli.chart.Treemap.Tile;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.PrefixTree.Branch;
import io.ringkeep.lookup.PrefixTree.Child;
import io.ringkeep.lookup.SpaceReport;
import io.ringkeep.redis.rdb.LogicalType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// A [SpaceReport] as one HTML page: a map of the beginnings of names, each as large as what it
/// takes and in the colour of its heaviest type, with the tables below. No script, nothing fetched.
final class ReportPage {
  private static final int MOST_TILES_WITHIN = 40;
  private static final int MOST_DEPTH = 4;
  private static final int TABLE_BRANCHES = 20;
  private static final int TABLE_DEPTH = 3;

  private ReportPage() {}

  static String of(SpaceReport report, String cache) {
    String title =
        "%s, snapshot %s of %s"
            .formatted(cache, report.snapshot().id(), Text.time(report.snapshot().time()));
    StringBuilder legend = new StringBuilder();
    report
        .types()
        .keySet()
        .forEach(type ->
            legend
                .append("<span style=\"background:")
                .append(colour(type))
                .append("\">")
                .append(type.word())
                .append("</span>\n"));
    List<Tile> tiles = tiles("", report.tree(), MOST_DEPTH);
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <title>%1$s</title>
    <style>
    body { font-family: sans-serif; margin: 1em; color: #111; background: #fff }
    svg { width: 100%%; height: auto }
    span { padding: 0 .5em; margin-right: .5em }
    pre { overflow-x: auto }
    </style>
    </head>
    <body>
    <h1>%1$s</h1>
    <p>Areas are bytes of names and values as stored; point at one for its figures. Colours are types:
    %2$s</p>
    %3$s
    <pre>%4$s</pre>
    </body>
    </html>
    """
        .formatted(
            Markup.escaped(title),
            legend,
            Treemap.of(tiles),
            Markup.escaped(
                String.join("\n", ReportView.lines(report, TABLE_BRANCHES, TABLE_DEPTH))));
  }

  /// The branches below one, and what is left beside them.
  private static List<Tile> tiles(String before, Branch branch, int depth) {
    List<Tile> tiles = new ArrayList<>();
    long keys = branch.keys();
    long bytes = branch.bytes();
    Map<LogicalType, Long> left = byType(branch);
    for (Child child : branch.children(MOST_TILES_WITHIN)) {
      Branch below = child.branch();
      keys -= below.keys();
      bytes -= below.bytes();
      Map<LogicalType, Long> own = byType(below);
      own.forEach((type, bytesOfType) -> left.merge(type, -bytesOfType, Long::sum));
      String name = before + child.word();
      tiles.add(
          tile(
              child.word(),
              name,
              below.keys(),
              below.bytes(),
              own,
              depth > 1 && below.size() > 0 ? tiles(name, below, depth - 1) : List.of()));
    }
    if (bytes > 0) {
      String name = tiles.isEmpty() ? "(all)" : "(others)";
      tiles.add(tile(name, before + name, keys, bytes, left, List.of()));
    }
    return tiles;
  }

  private static Map<LogicalType, Long> byType(Branch branch) {
    Map<LogicalType, Long> bytes = new EnumMap<>(LogicalType.class);
    for (LogicalType type : LogicalType.values()) {
      bytes.put(type, branch.bytes(type));
    }
    return bytes;
  }

  private static Tile tile(
      String name,
      String whole,
      long keys,
      long bytes,
      Map<LogicalType, Long> byType,
      List<Tile> within) {
    LogicalType heaviest =
        Collections.max(byType.entrySet(), Map.Entry.comparingByValue()).getKey();
    return new Tile(
        name,
        "%s: %s, %s, most of it %s"
            .formatted(whole, Text.count(keys, "key"), ByteSize.format(bytes), heaviest.word()),
        bytes,
        colour(heaviest),
        within);
  }

  private static String colour(LogicalType type) {
    return switch (type) {
      case STRING -> "#7fb2e5";
      case LIST -> "#f2b766";
      case SET -> "#7cc9a7";
      case SORTED_SET -> "#c3a5f0";
      case HASH -> "#e58a94";
      case STREAM -> "#cfc06a";
      case ARRAY -> "#d9a3c7";
      case MODULE -> "#b0b8c0";
    };
  }
}
