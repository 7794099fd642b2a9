package io.ringkeep.cli.verb;

import io.ringkeep.advice.Margin;
import io.ringkeep.advice.Proposal;
import io.ringkeep.cli.chart.Axis;
import io.ringkeep.cli.chart.Chart;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Table;
import io.ringkeep.cli.text.Text;
import io.ringkeep.simulate.Compared;
import io.ringkeep.simulate.FleetSimulation;
import io.ringkeep.simulate.Growth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What `simulate fleet` reports.
record FleetView(
    long seed,
    String plan,
    double nodeLifeSeconds,
    double downSeconds,
    List<ComparedView> compared,
    List<Growth.Step> growth) {

  /// A prediction beside what happened.
  record ComparedView(
      String what, String unit, double predicted, double simulated, Margin margin, boolean within) {
    static ComparedView of(Compared compared) {
      return new ComparedView(
          compared.what(),
          Choices.word(compared.unit()),
          compared.predicted(),
          compared.simulated(),
          compared.margin(),
          compared.within());
    }
  }

  static FleetView of(
      long seed, Proposal best, FleetSimulation.Result result, List<Growth.Step> steps) {
    return new FleetView(
        seed,
        best.plan().toString(),
        Json.seconds(result.nodeLife()),
        Json.seconds(result.downFor()),
        result.compared().stream().map(ComparedView::of).toList(),
        steps);
  }

  static List<String> lines(Proposal best, FleetSimulation.Result result) {
    List<String> lines = new ArrayList<>();
    lines.add(best.plan().toString());
    Table table = new Table("", ">PREDICTED", ">SIMULATED", ">OFF", "ERROR PRINTED", "");
    for (Compared compared : result.compared()) {
      table.row(
          compared.what(),
          value(compared.unit(), compared.predicted()),
          value(compared.unit(), compared.simulated()),
          String.format(Locale.ROOT, "%+.1f %%", compared.percentOff()),
          compared.margin().toString(),
          compared.within() ? "" : "BEYOND IT");
    }
    lines.addAll(table.lines());
    if (!result.nodeLife().isZero()) {
      lines.add(
          "losses: at a mean life of a node of %s, and %s until it is whole again"
              .formatted(
                  DurationText.format(result.nodeLife()), DurationText.format(result.downFor())));
    }
    return lines;
  }

  private static String value(Compared.Unit unit, double value) {
    return switch (unit) {
      case SECONDS -> time(value);
      case RATIO -> String.format(Locale.ROOT, "%.3f", value);
      case PART -> String.format(Locale.ROOT, "%.2f %%", 100 * value);
      case EVENTS -> String.format(Locale.ROOT, "%.3g", value);
    };
  }

  private static String time(double seconds) {
    return Double.isInfinite(seconds)
        ? "never"
        : DurationText.format(Duration.ofMillis((long) (seconds * 1_000)));
  }

  /// A row for each size.
  static List<String> growth(List<Growth.Step> steps) {
    Table table =
        new Table(
            "DATA",
            ">SHARDS",
            ">NODES",
            ">STORED",
            ">OBJECTS",
            ">BACKUP",
            ">SIMULATED",
            ">RESTORE",
            ">SIMULATED",
            ">REPAIR",
            ">SIMULATED");
    List<String> breaks = new ArrayList<>();
    for (Growth.Step step : steps) {
      table.row(
          data(step.dataBytes()),
          Text.count(step.shards()),
          Text.count(step.nodes()),
          ByteSize.format((long) step.storedBytes()),
          Text.count((long) step.objects()),
          time(step.backupSeconds()),
          time(step.backupSimulated()),
          time(step.restoreSeconds()),
          time(step.restoreSimulated()),
          time(step.repairSeconds()),
          time(step.repairSimulated()));
      step.breaks().forEach(what -> breaks.add(data(step.dataBytes()) + ": " + what));
    }
    List<String> lines = new ArrayList<>(table.lines());
    lines.addAll(breaks);
    return lines;
  }

  private static String data(double bytes) {
    return bytes >= 1e15
        ? "%.0f PB".formatted(bytes / 1e15)
        : bytes >= 1e12 ? "%.0f TB".formatted(bytes / 1e12) : "%.0f GB".formatted(bytes / 1e9);
  }

  /// Times, and what has to be there, over the data.
  static List<Chart> charts(List<Growth.Step> steps) {
    Axis data =
        new Axis(
            "data",
            steps.getFirst().dataBytes(),
            steps.getLast().dataBytes(),
            /* logarithmic= */ true,
            steps.stream()
                .map(step -> new Axis.Tick(step.dataBytes(), data(step.dataBytes())))
                .toList());
    List<Axis.Tick> times =
        List.of(
            new Axis.Tick(60, "1 min"),
            new Axis.Tick(3_600, "1 h"),
            new Axis.Tick(86_400, "1 day"),
            new Axis.Tick(604_800, "1 week"),
            new Axis.Tick(31_536_000, "1 year"));
    List<Axis.Tick> counts =
        List.of(
            new Axis.Tick(1, "1"),
            new Axis.Tick(100, "100"),
            new Axis.Tick(1e4, "10,000"),
            new Axis.Tick(1e6, "1 M"),
            new Axis.Tick(1e8, "100 M"));
    return List.of(
        new Chart(
            "How long it takes",
            data,
            new Axis("time", 10, 1e8, /* logarithmic= */ true, times),
            List.of(
                line("backup, predicted", steps, Growth.Step::backupSeconds),
                line("backup, simulated", steps, Growth.Step::backupSimulated),
                line("restore, predicted", steps, Growth.Step::restoreSeconds),
                line("restore, simulated", steps, Growth.Step::restoreSimulated),
                line("repair of a node, simulated", steps, Growth.Step::repairSimulated))),
        new Chart(
            "What has to be there",
            data,
            new Axis("number", 1, 1e9, /* logarithmic= */ true, counts),
            List.of(
                line("objects", steps, Growth.Step::objects),
                line("storage nodes", steps, Growth.Step::nodes))));
  }

  private static Chart.Line line(
      String name, List<Growth.Step> steps, ToDoubleFunction<Growth.Step> figure) {
    return new Chart.Line(
        name,
        steps.stream()
            .map(step -> new Chart.Point(step.dataBytes(), figure.applyAsDouble(step)))
            .toList());
  }
}
