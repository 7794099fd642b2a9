package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.chart.Axis;
import io.ringkeep.cli.chart.Chart;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.text.Table;
import io.ringkeep.simulate.Outcome;
import io.ringkeep.simulate.PlacementSimulation;
import io.ringkeep.simulate.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// What `simulate placement` reports. Parts are of all pieces, 0 to 1.
record PlacementView(long seed, int objectsPerNode, List<OutcomeView> outcomes) {
  private static final String LEAST = "had to move";

  /// One way of placing with some nodes.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record OutcomeView(
      String scheme,
      int nodes,
      String weights,
      double maxOverMean,
      double spread,
      double movedByJoin,
      double leastMovedByJoin,
      @Nullable Double movedByLeave,
      double leastMovedByLeave) {
    static OutcomeView of(Outcome outcome) {
      return new OutcomeView(
          outcome.scheme(),
          outcome.nodes(),
          Choices.word(outcome.weights()),
          outcome.maxOverMean(),
          outcome.spread(),
          outcome.movedByJoin(),
          outcome.leastMovedByJoin(),
          outcome.movedByLeave().orElse(null),
          outcome.leastMovedByLeave());
    }
  }

  static PlacementView of(PlacementSimulation.Request request, List<Outcome> outcomes) {
    return new PlacementView(
        request.seed(), request.objectsPerNode(), outcomes.stream().map(OutcomeView::of).toList());
  }

  /// A table for each figure and kind of weights: a row for each scheme, a column for each number
  /// of nodes.
  static List<String> lines(PlacementSimulation.Request request, List<Outcome> outcomes) {
    List<String> lines = new ArrayList<>();
    for (Weights weights : Weights.values()) {
      String of =
          switch (weights) {
            case EQUAL -> ", nodes of equal weight";
            case UNEQUAL -> ", nodes of weights 1, 2, 4, 1, 2, 4, …";
          };
      Figures figures = new Figures(request, outcomes, weights);
      lines.addAll(
          figures.table(
              "spread (standard deviation ÷ mean)" + of,
              outcome -> percent(outcome.spread()),
              null));
      lines.addAll(
          figures.table(
              "fullest node (max ÷ mean)" + of,
              outcome -> String.format(Locale.ROOT, "%.2f", outcome.maxOverMean()),
              null));
      lines.addAll(
          figures.table(
              "moved when a node joins" + of,
              outcome -> percent(outcome.movedByJoin()),
              outcome -> percent(outcome.leastMovedByJoin())));
      lines.addAll(
          figures.table(
              "moved when a node leaves" + of,
              outcome -> outcome.movedByLeave().map(PlacementView::percent).orElse("-"),
              outcome -> percent(outcome.leastMovedByLeave())));
    }
    return lines.subList(0, lines.size() - 1);
  }

  private record Figures(
      PlacementSimulation.Request request, List<Outcome> outcomes, Weights weights) {
    List<String> table(
        String title, Function<Outcome, String> figure, @Nullable Function<Outcome, String> least) {
      List<String> headings = new ArrayList<>(List.of("NODES"));
      request.nodeCounts().forEach(count -> headings.add(">" + count));
      Table table = new Table(headings.toArray(String[]::new));
      if (least != null) {
        row(table, LEAST, count -> any(count).map(least));
      }
      for (String scheme : PlacementSimulation.schemes()) {
        row(table, scheme, count -> find(scheme, count).map(figure));
      }
      List<String> lines = new ArrayList<>(List.of(title));
      table.lines().forEach(line -> lines.add("  " + line));
      lines.add("");
      return lines;
    }

    private void row(Table table, String name, Function<Integer, Optional<String>> cell) {
      List<String> cells = new ArrayList<>(List.of(name));
      request.nodeCounts().forEach(count -> cells.add(cell.apply(count).orElse("-")));
      table.row(cells.toArray(String[]::new));
    }

    private Optional<Outcome> find(String scheme, int count) {
      return outcomes.stream()
          .filter(outcome -> outcome.weights() == weights)
          .filter(outcome -> outcome.nodes() == count && outcome.scheme().equals(scheme))
          .findFirst();
    }

    private Optional<Outcome> any(int count) {
      return outcomes.stream()
          .filter(outcome -> outcome.weights() == weights && outcome.nodes() == count)
          .findFirst();
    }
  }

  /// Spread and movement over the number of nodes, with equal weights.
  static List<Chart> charts(PlacementSimulation.Request request, List<Outcome> outcomes) {
    int low = request.nodeCounts().get(0);
    int high = request.nodeCounts().get(request.nodeCounts().size() - 1);
    List<Axis.Tick> ticks =
        request.nodeCounts().stream().map(n -> new Axis.Tick(n, Integer.toString(n))).toList();
    Axis nodes = new Axis("nodes", low, Math.max(high, low + 1), /* logarithmic= */ true, ticks);
    List<Axis.Tick> spreads =
        List.of(0, 2, 4, 6, 8, 10, 12).stream().map(n -> new Axis.Tick(n, n + " %")).toList();
    List<Axis.Tick> parts =
        List.of("0.1", "1", "10", "100").stream()
            .map(n -> new Axis.Tick(Double.parseDouble(n), n + " %"))
            .toList();
    return List.of(
        new Chart(
            "How uneven nodes are filled",
            nodes,
            new Axis("standard deviation ÷ mean", 0, 12, /* logarithmic= */ false, spreads),
            curves(outcomes, Outcome::spread)),
        new Chart(
            "What moves when a node joins",
            nodes,
            new Axis("part of all pieces", 0.1, 100, /* logarithmic= */ true, parts),
            curves(outcomes, Outcome::movedByJoin)));
  }

  private static List<Chart.Line> curves(List<Outcome> outcomes, ToDoubleFunction<Outcome> figure) {
    return PlacementSimulation.schemes().stream()
        .map(scheme ->
            new Chart.Line(
                scheme,
                outcomes.stream()
                    .filter(outcome -> outcome.weights() == Weights.EQUAL)
                    .filter(outcome -> outcome.scheme().equals(scheme))
                    .map(outcome ->
                        new Chart.Point(outcome.nodes(), 100 * figure.applyAsDouble(outcome)))
                    .toList()))
        .filter(line -> !line.points().isEmpty())
        .toList();
  }

  private static String percent(double part) {
    return String.format(Locale.ROOT, part < 0.01 ? "%.2f %%" : "%.1f %%", 100 * part);
  }
}
