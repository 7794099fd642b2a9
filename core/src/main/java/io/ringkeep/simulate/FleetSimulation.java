package io.ringkeep.simulate;

import io.ringkeep.advice.Durability;
import io.ringkeep.advice.Forecast;
import io.ringkeep.advice.Margin;
import io.ringkeep.advice.Measured;
import io.ringkeep.advice.Proposal;
import io.ringkeep.advice.Situation;
import io.ringkeep.placement.PlacementTable;
import io.ringkeep.placement.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Plays a plan through on a fleet that no test machine could hold, and holds the predictions of
/// [Forecast] and [Durability] against what happens.
///
/// Events are discrete and chance is seeded. Placement is the product's own table; processors and
/// servers take the time that was measured. What differs from the formulas is what they leave out:
/// queues, chance, pieces that are whole numbers, the ends of a run.
public final class FleetSimulation {
  private static final int FAILURES = 150_000;
  private static final int THROWS = 2_000;

  /// While losses are counted, a node lives so many times as long as it takes to be whole again:
  /// real ones live longer, and nobody could wait for losses then.
  private static final int LIVES = 50;

  private FleetSimulation() {}

  /// What was predicted beside what happened.
  ///
  /// @param nodeLife how long a node lived while losses were counted; zero if none can be
  /// @param downFor how long it took to be whole again then
  public record Result(List<Compared> compared, Duration nodeLife, Duration downFor) {
    public Result {
      compared = List.copyOf(compared);
    }

    /// Whether all of it is within the margins.
    public boolean within() {
      return compared.stream().allMatch(Compared::within);
    }
  }

  /// Plays a plan.
  public static Result run(Situation situation, Proposal proposal, long seed) {
    Fleet fleet = new Fleet(situation, proposal, seed);
    Forecast forecast = proposal.forecast();
    double full = Forecast.fullBytes(situation);
    Margin times = Forecast.timeMargin();
    List<Compared> compared = new ArrayList<>();
    compared.add(
        new Compared(
            "first backup",
            Compared.Unit.SECONDS,
            seconds(forecast.firstBackup()),
            fleet.backup(full),
            times));
    compared.add(
        new Compared(
            "later backup",
            Compared.Unit.SECONDS,
            seconds(forecast.nextBackup()),
            fleet.backup(Forecast.nextBytes(situation, proposal.plan())),
            times));
    double replay = Forecast.replayBytes(situation, proposal.plan());
    double replaying = Measured.replaySeconds(situation, replay);
    compared.add(
        new Compared(
            "restore",
            Compared.Unit.SECONDS,
            seconds(forecast.nearRestore()),
            fleet.restore(full + replay, /* localGone= */ false) + replaying,
            times));
    if (forecast.farRestore().isPresent()) {
      compared.add(
          new Compared(
              "restore without local storage",
              Compared.Unit.SECONDS,
              seconds(forecast.farRestore().get()),
              fleet.restore(full + replay, /* localGone= */ true) + replaying,
              times));
    }
    compared.add(
        new Compared(
            "fullest node over its share",
            Compared.Unit.RATIO,
            1,
            fleet.fullest(forecast.objectBytes()),
            Measured.BALANCE_MARGIN));
    Duration life = Duration.ZERO;
    Duration down = Duration.ZERO;
    if (forecast.repair().isPresent()) {
      double repair = fleet.repair(forecast.likelyObjectBytes());
      compared.add(
          new Compared(
              "repair of a lost node",
              Compared.Unit.SECONDS,
              seconds(forecast.repair().get()),
              repair,
              times));
      down = Duration.ofMillis((long) Math.max(1_000, 1_000 * repair));
      life = down.multipliedBy(LIVES);
    }
    if (spread(proposal)) {
      compared.addAll(losses(fleet.table(), life, down, seed));
    }
    return new Result(compared, life, down);
  }

  private static boolean spread(Proposal proposal) {
    return proposal.forecast().repair().isPresent();
  }

  private static List<Compared> losses(
      PlacementTable table, Duration life, Duration down, long seed) {
    Strategy strategy = table.strategy();
    Durability durability =
        new Durability(
            table.nodes().size(),
            strategy.width(),
            strategy.toleratedLosses(),
            table.groupCount(),
            life,
            down);
    Failures failures = new Failures(table);
    double year = Duration.ofDays(365).toSeconds();
    return List.of(
        new Compared(
            "lost when %d nodes die at once".formatted(strategy.toleratedLosses() + 1),
            Compared.Unit.PART,
            durability.sharedPart(),
            failures.lostPart(THROWS, seed),
            Forecast.timeMargin()),
        new Compared(
            "losses a year",
            Compared.Unit.EVENTS,
            durability.lossesPerYear(),
            year * failures.lossesPerSecond(FAILURES, seconds(life), seconds(down), seed),
            Forecast.timeMargin()));
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }
}
