package io.ringkeep.cli.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ringkeep.cli.chart.Treemap.Tile;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TreemapTest {
  private static final Pattern RECTANGLE =
      Pattern.compile("x=\"([0-9.]+)\" y=\"([0-9.]+)\" width=\"([0-9.]+)\" height=\"([0-9.]+)\"");

  private record Rectangle(double x, double y, double width, double height) {
    double area() {
      return width * height;
    }

    boolean overlaps(Rectangle other) {
      return x + width > other.x + 0.2
          && other.x + other.width > x + 0.2
          && y + height > other.y + 0.2
          && other.y + other.height > y + 0.2;
    }

    boolean holds(Rectangle other) {
      return other.x >= x - 0.2
          && other.y >= y - 0.2
          && other.x + other.width <= x + width + 0.2
          && other.y + other.height <= y + height + 0.2;
    }
  }

  private static Tile tile(String name, long weight, Tile... within) {
    return new Tile(name, name, weight, "#123456", List.of(within));
  }

  private static List<Rectangle> rectangles(String svg) {
    List<Rectangle> rectangles = new ArrayList<>();
    Matcher matcher = RECTANGLE.matcher(svg);
    while (matcher.find()) {
      rectangles.add(
          new Rectangle(
              Double.parseDouble(matcher.group(1)),
              Double.parseDouble(matcher.group(2)),
              Double.parseDouble(matcher.group(3)),
              Double.parseDouble(matcher.group(4))));
    }
    return rectangles;
  }

  @Test
  void of_someWeights_drawsAreasInProportionWithoutOverlap() {
    long[] weights = {60, 60, 40, 30, 20, 20, 10};
    List<Tile> tiles = new ArrayList<>();
    for (long weight : weights) {
      tiles.add(tile("w" + weight, weight));
    }

    List<Rectangle> drawn = rectangles(Treemap.of(tiles));

    assertThat(drawn).hasSize(weights.length);
    for (int i = 0; i < weights.length; i++) {
      Rectangle one = drawn.get(i);
      assertThat(one.area()).isCloseTo(1200.0 * 700 * weights[i] / 240, within(200.0));
      assertThat(Math.max(one.width, one.height) / Math.min(one.width, one.height)).isLessThan(4);
      assertThat(drawn.subList(0, i)).noneMatch(one::overlaps);
    }
  }

  @Test
  void of_tilesWithinTiles_drawsThemInsideAndEscapesNames() {
    String svg = Treemap.of(List.of(tile("<a & \"b\">", 100, tile("in", 60), tile("it", 40))));

    List<Rectangle> drawn = rectangles(svg);
    assertThat(drawn).hasSize(3);
    assertThat(drawn.subList(1, 3)).allMatch(drawn.getFirst()::holds);
    assertThat(svg).contains("&lt;a &amp; &quot;b&quot;&gt;").doesNotContain("<a &");
  }
}
