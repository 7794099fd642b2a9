package io.ringkeep.cli.verb;

import io.ringkeep.cli.chart.Svg;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.simulate.Outcome;
import io.ringkeep.simulate.PlacementSimulation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ringkeep simulate`.
@Command(
    name = "simulate",
    header = "Shows what a choice would do, without servers or storage.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {SimulateVerb.Placement.class, FleetVerb.class},
    footerHeading = "%nExample:%n",
    footer = "  ringkeep simulate placement")
final class SimulateVerb {

  /// `ringkeep simulate placement`.
  @Command(
      name = "placement",
      header = "Compares ways of placing objects on storage nodes: how even, and how much moves.",
      description = {
        "",
        "Each way places the same objects on nodes of equal and of unequal weight; then one node"
            + " joins, and one of the first leaves. The smallest amount that had to move stands"
            + " beside what moved."
      },
      footerHeading = "%nExample:%n",
      footer = {
        "  ringkeep simulate placement",
        "  ringkeep simulate placement --nodes 3,12,100 --svg placement.svg"
      })
  static final class Placement implements Verb {
    @Option(
        names = "--nodes",
        split = ",",
        paramLabel = "N",
        description = "numbers of nodes, 2 to 1000 (default: 3,4,6,12,30,100,500)")
    private List<Integer> nodes = List.of(3, 4, 6, 12, 30, 100, 500);

    @Option(
        names = "--objects",
        paramLabel = "N",
        description = "objects for each node, 20,000 in all at least (default: 1000)")
    private int objects = 1_000;

    @Option(
        names = "--seed",
        paramLabel = "N",
        description = "the same seed gives the same figures (default: 1)")
    private long seed = 1;

    @Option(
        names = "--svg",
        paramLabel = "FILE",
        description = "draw the figures of equal weights into this file; replaces it")
    private @Nullable Path svg;

    @Override
    public Answer run(Session session) throws IOException {
      PlacementSimulation.Request request =
          new PlacementSimulation.Request(
              nodes.stream().distinct().sorted().toList(), objects, seed);
      List<Outcome> outcomes = PlacementSimulation.run(request);
      List<String> lines = new ArrayList<>(PlacementView.lines(request, outcomes));
      if (svg != null) {
        Files.writeString(svg, Svg.of(PlacementView.charts(request, outcomes)));
        lines.add("");
        lines.add("drawn: " + svg);
      }
      return Answer.done(PlacementView.of(request, outcomes), lines);
    }
  }
}
