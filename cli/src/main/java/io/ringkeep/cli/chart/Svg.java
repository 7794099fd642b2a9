package io.ringkeep.cli.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Writes charts beside each other, with one legend, as an SVG document.
public final class Svg {
  /*
   * No background, greys and colours of middle brightness: readable on white and on black. Lines that run on top of
   * each other differ in width, the first ones drawn being the widest.
   */
  private static final String INK = "#808080";
  private static final List<String> COLOURS =
      List.of("#d1495b", "#e08e1b", "#8f7a3a", "#3a86c8", "#2a9d6f", "#9b5de5", "#6d8299");

  private static final int WIDTH = 400;
  private static final int HEIGHT = 250;
  private static final int LEFT = 60;
  private static final int TOP = 40;
  private static final int GAP = 80;
  private static final int BOTTOM = 50;
  private static final int LEGEND_LINE = 20;

  private final StringBuilder text = new StringBuilder();
  private final List<String> names = new ArrayList<>();

  private Svg() {}

  /// The document.
  public static String of(List<Chart> charts) {
    Svg svg = new Svg();
    charts.stream()
        .flatMap(chart -> chart.lines().stream())
        .map(Chart.Line::name)
        .distinct()
        .forEach(svg.names::add);
    int width = LEFT + charts.size() * (WIDTH + GAP);
    int height = TOP + HEIGHT + BOTTOM + LEGEND_LINE * ((svg.names.size() + 1) / 2);
    svg.line(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                + " font-size=\"12\" fill=\"%s\">",
            width,
            height,
            INK));
    for (int i = 0; i < charts.size(); i++) {
      svg.chart(charts.get(i), LEFT + i * (WIDTH + GAP));
    }
    svg.legend();
    svg.line("</svg>");
    return svg.text.toString();
  }

  private void chart(Chart chart, int left) {
    int bottom = TOP + HEIGHT;
    words(left, TOP - 16, "start", "font-size=\"14\" font-weight=\"bold\"", chart.title());
    for (Axis.Tick tick : chart.y().ticks()) {
      double y = bottom - HEIGHT * chart.y().part(tick.at());
      line(
          String.format(
              Locale.ROOT,
              "<path d=\"M%d %.1fh%d\" stroke=\"%s\" stroke-opacity=\"0.3\"/>",
              left,
              y,
              WIDTH,
              INK));
      words(left - 6, y + 4, "end", "", tick.label());
    }
    for (Axis.Tick tick : chart.x().ticks()) {
      double x = left + WIDTH * chart.x().part(tick.at());
      line(String.format(Locale.ROOT, "<path d=\"M%.1f %dv5\" stroke=\"%s\"/>", x, bottom, INK));
      words(x, bottom + 18, "middle", "", tick.label());
    }
    line(
        String.format(
            Locale.ROOT,
            "<path d=\"M%d %dv%dh%d\" fill=\"none\" stroke=\"%s\"/>",
            left,
            TOP,
            HEIGHT,
            WIDTH,
            INK));
    words(left + WIDTH / 2.0, bottom + 36, "middle", "", chart.x().label());
    words(left, TOP - 1, "start", "font-size=\"11\"", chart.y().label());
    for (Chart.Line drawn : chart.lines()) {
      curve(chart, drawn, left, bottom);
    }
  }

  private void curve(Chart chart, Chart.Line drawn, int left, int bottom) {
    StringBuilder points = new StringBuilder();
    for (Chart.Point point : drawn.points()) {
      points.append(
          String.format(
              Locale.ROOT,
              "%s%.1f,%.1f",
              points.isEmpty() ? "" : " ",
              left + WIDTH * chart.x().part(point.x()),
              bottom - HEIGHT * chart.y().part(point.y())));
    }
    line(
        String.format(
            Locale.ROOT,
            "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%.1f\"/>",
            points,
            colour(drawn.name()),
            width(drawn.name())));
  }

  private void legend() {
    for (int i = 0; i < names.size(); i++) {
      int x = LEFT + i % 2 * (WIDTH + GAP);
      int y = TOP + HEIGHT + BOTTOM + LEGEND_LINE * (i / 2) + 6;
      line(
          String.format(
              Locale.ROOT,
              "<path d=\"M%d %dh24\" stroke=\"%s\" stroke-width=\"%.1f\"/>",
              x,
              y,
              colour(names.get(i)),
              width(names.get(i))));
      words(x + 32, y + 4, "start", "", names.get(i));
    }
  }

  private String colour(String name) {
    return COLOURS.get(names.indexOf(name) % COLOURS.size());
  }

  private double width(String name) {
    return Math.max(1.5, 5 - 0.8 * names.indexOf(name));
  }

  private void words(double x, double y, String anchor, String style, String words) {
    line(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>%s</text>",
            x,
            y,
            anchor,
            style.isEmpty() ? "" : " " + style,
            Markup.escaped(words)));
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
