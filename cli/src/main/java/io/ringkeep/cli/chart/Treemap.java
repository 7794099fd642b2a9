package io.ringkeep.cli.chart;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Draws weights as areas within areas, as an SVG document.
///
/// Areas are laid out in rows that keep them as square as can be: Bruls, Huizing, van Wijk,
/// "Squarified treemaps", 2000.
public final class Treemap {
  private static final double WIDTH = 1200;
  private static final double HEIGHT = 700;
  private static final double HEADING = 18;
  private static final double EDGE = 2;
  private static final double LETTER = 7.2;

  /// Smaller ones are not drawn.
  private static final double LEAST_SIDE = 3;

  /// An area.
  ///
  /// @param name written into it if there is room
  /// @param words shown when it is pointed at
  /// @param weight its size, 0 or more; at least the sum of those within
  /// @param colour of its ground, such as `#3a86c8`
  /// @param within areas that are part of it
  public record Tile(String name, String words, long weight, String colour, List<Tile> within) {
    public Tile {
      within = List.copyOf(within);
    }
  }

  private record Area(double x, double y, double width, double height) {
    double shorter() {
      return Math.min(width, height);
    }
  }

  private final StringBuilder text = new StringBuilder();

  private Treemap() {}

  /// The document.
  public static String of(List<Tile> tiles) {
    Treemap map = new Treemap();
    map.text.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\""
                + " font-family=\"sans-serif\" font-size=\"12\">%n",
            WIDTH,
            HEIGHT));
    map.tiles(tiles, new Area(0, 0, WIDTH, HEIGHT));
    return map.text.append("</svg>\n").toString();
  }

  private void tiles(List<Tile> tiles, Area area) {
    List<Tile> heaviestFirst =
        tiles.stream()
            .filter(tile -> tile.weight() > 0)
            .sorted(Comparator.comparingLong(Tile::weight).reversed())
            .toList();
    double weight = heaviestFirst.stream().mapToLong(Tile::weight).sum();
    double scale = area.width() * area.height() / weight;
    List<Tile> row = new ArrayList<>();
    Area rest = area;
    for (Tile tile : heaviestFirst) {
      if (!row.isEmpty() && worst(row, tile, scale, rest) > worst(row, null, scale, rest)) {
        rest = lay(row, scale, rest);
        row.clear();
      }
      row.add(tile);
    }
    if (!row.isEmpty()) {
      lay(row, scale, rest);
    }
  }

  /// How far from a square the worst of a row is, with one more of them if there is one.
  private static double worst(List<Tile> row, @Nullable Tile more, double scale, Area area) {
    double heaviest = row.getFirst().weight() * scale;
    double lightest = (more == null ? row.getLast() : more).weight() * scale;
    double sum = row.stream().mapToLong(Tile::weight).sum() * scale;
    if (more != null) {
      sum += more.weight() * scale;
    }
    double side = area.shorter() * area.shorter();
    return Math.max(side * heaviest / (sum * sum), sum * sum / (side * lightest));
  }

  /// Draws a row along the shorter side.
  ///
  /// @return what is left
  private Area lay(List<Tile> row, double scale, Area area) {
    double sum = row.stream().mapToLong(Tile::weight).sum() * scale;
    boolean upright = area.width() >= area.height();
    double thickness = sum / area.shorter();
    double at = upright ? area.y() : area.x();
    for (Tile tile : row) {
      double length = tile.weight() * scale / thickness;
      draw(
          tile,
          upright
              ? new Area(area.x(), at, thickness, length)
              : new Area(at, area.y(), length, thickness));
      at += length;
    }
    return upright
        ? new Area(area.x() + thickness, area.y(), area.width() - thickness, area.height())
        : new Area(area.x(), area.y() + thickness, area.width(), area.height() - thickness);
  }

  private void draw(Tile tile, Area area) {
    if (area.shorter() < LEAST_SIDE) {
      return;
    }
    text.append(
        String.format(
            Locale.ROOT,
            "<g><title>%s</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\""
                + " fill-opacity=\"0.75\" stroke=\"#ffffff\"/>%n",
            Markup.escaped(tile.words()),
            area.x(),
            area.y(),
            area.width(),
            area.height(),
            tile.colour()));
    int letters = (int) ((area.width() - 2 * EDGE) / LETTER);
    boolean named = letters >= 3 && area.height() >= HEADING;
    if (named) {
      text.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%.1f\" fill=\"#111111\">%s</text>%n",
              area.x() + 2 * EDGE,
              area.y() + HEADING - 5,
              Markup.escaped(shortened(tile.name(), letters))));
    }
    double head = named ? HEADING : EDGE;
    Area inner =
        new Area(
            area.x() + EDGE, area.y() + head, area.width() - 2 * EDGE, area.height() - head - EDGE);
    if (!tile.within().isEmpty() && inner.shorter() > 2 * LEAST_SIDE) {
      tiles(tile.within(), inner);
    }
    text.append("</g>\n");
  }

  private static String shortened(String name, int letters) {
    return name.codePointCount(0, name.length()) <= letters
        ? name
        : name.substring(0, name.offsetByCodePoints(0, letters - 1)) + "…";
  }
}
