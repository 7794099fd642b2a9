package io.ringkeep.cli.chart;

import java.util.List;

/// Lines over two axes.
///
/// @param title what is shown
/// @param x the horizontal axis
/// @param y the vertical axis
/// @param lines what is drawn
public record Chart(String title, Axis x, Axis y, List<Line> lines) {
  /// A line through points, in the order of their x.
  ///
  /// @param name its name in the legend; lines of several charts with one name have one colour
  public record Line(String name, List<Point> points) {
    public Line {
      points = List.copyOf(points);
    }
  }

  /// A point in the numbers of the axes.
  public record Point(double x, double y) {}

  public Chart {
    lines = List.copyOf(lines);
  }
}
