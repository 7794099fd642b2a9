package io.ringkeep.cli.verb;

import io.ringkeep.advice.Advisor;
import io.ringkeep.advice.Proposal;
import io.ringkeep.advice.Situation;
import io.ringkeep.cli.chart.Svg;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.simulate.FleetSimulation;
import io.ringkeep.simulate.Growth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `ringkeep simulate fleet`.
@Command(
    name = "fleet",
    header =
        "Plays the plan that 'advise' recommends through, and compares it with the predictions.",
    description = {
      "",
      "Takes the figures and wishes of 'advise'. Places objects as the product does, lets servers,"
          + " processors, writers and nodes queue, nodes fail and be repaired; chance comes from"
          + " --seed. While losses are counted, nodes live fifty times as long as a repair takes,"
          + " so that there are some. Exits 1 if a value is beyond the error that 'advise' prints."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep simulate fleet --data 5TB --keys 2000000000 --writes 2MB/s --shards 200 \\",
      "      --processors 16 --nodes 12,300MiB/s,650GB --losses 2",
      "  ringkeep simulate fleet --data 50GB --keys 60000000 --writes 1MB/s --shards 2 --processors"
          + " 16 \\",
      "      --nodes 7,300MiB/s,10TB --strategy erasure:4+2 --grow --svg scale.svg"
    })
final class FleetVerb implements Verb {
  @Mixin private SituationOptions figures = new SituationOptions();
  @Mixin private WishOptions wanted = new WishOptions();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "the same seed gives the same figures (default: 1)")
  private long seed = 1;

  @Option(
      names = "--grow",
      description =
          "from 10 GB to 1 PB with the strategy of the best plan, an incremental a day, a week"
              + " kept")
  private boolean grow;

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      description = "draw how it grows into this file; replaces it")
  private @Nullable Path svg;

  @Override
  public Answer run(Session session) throws IOException {
    Situation situation = figures.situation(Optional.empty(), List.of(), Duration.ZERO);
    Proposal best = Advisor.advise(situation, wanted.wishes()).winner();
    FleetSimulation.Result result = FleetSimulation.run(situation, best, seed);
    List<Growth.Step> steps =
        grow || svg != null ? Growth.run(situation, best.plan(), seed) : List.of();
    List<String> lines = new ArrayList<>(FleetView.lines(best, result));
    if (!steps.isEmpty()) {
      lines.add("");
      lines.addAll(FleetView.growth(steps));
    }
    if (svg != null) {
      Files.writeString(svg, Svg.of(FleetView.charts(steps)));
      lines.add("");
      lines.add("drawn: " + svg);
    }
    return Answer.of(result.within(), FleetView.of(seed, best, result, steps), lines);
  }
}
