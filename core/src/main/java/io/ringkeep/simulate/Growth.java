package io.ringkeep.simulate;

import io.ringkeep.advice.Advisor;
import io.ringkeep.advice.Cadence;
import io.ringkeep.advice.Forecast;
import io.ringkeep.advice.Measured;
import io.ringkeep.advice.Plan;
import io.ringkeep.advice.Proposal;
import io.ringkeep.advice.Retention;
import io.ringkeep.advice.Situation;
import io.ringkeep.advice.StoragePlace;
import io.ringkeep.model.BackupException.InvalidRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a plan would do and cost as the cache grows from 10 GB to 1 PB, while the host that runs
/// Ringkeep stays what it is.
///
/// Shards stay as large as they are, and there are more of them; keys and writes grow with the
/// data; as many places of the first one's kind are there as the plan needs, and one to spare.
public final class Growth {
  private static final double LEAST_BYTES = 1e10;
  private static final int STEPS = 6;
  private static final Duration DAY = Duration.ofDays(1);
  private static final int MOST_NODES = 1_000;

  private Growth() {}

  /// One size.
  ///
  /// @param objects of 16 MiB that all of it is stored in
  /// @param backupSeconds predicted, of all of it
  /// @param backupSimulated what the simulation found
  /// @param breaks what no longer works: in words; empty as long as all does
  public record Step(
      double dataBytes,
      int shards,
      int nodes,
      double storedBytes,
      double objects,
      double backupSeconds,
      double backupSimulated,
      double restoreSeconds,
      double restoreSimulated,
      double repairSeconds,
      double repairSimulated,
      List<String> breaks) {
    public Step {
      breaks = List.copyOf(breaks);
    }
  }

  /// Six sizes, each ten times the one before.
  ///
  /// @param plan whose strategy is used, with an incremental a day that is kept for a week
  public static List<Step> run(Situation situation, Plan plan, long seed) {
    if (plan.onePlace() || plan.strategy().toleratedLosses() == 0) {
      throw new InvalidRequest(
          "what grows needs storage that may be lost in part: strategy=" + plan.strategyText(),
          "ask for one, such as --strategy erasure:4+2, with as many places");
    }
    List<Step> steps = new ArrayList<>();
    double bytes = LEAST_BYTES;
    for (int i = 0; i < STEPS; i++) {
      steps.add(step(situation, plan, bytes, seed));
      bytes *= 10;
    }
    return steps;
  }

  private static Step step(Situation situation, Plan plan, double bytes, long seed) {
    double factor = bytes / situation.dataBytes();
    StoragePlace kind = situation.places().getFirst();
    double stored = 0;
    Situation grown = situation;
    /* What is stored does not depend on how many nodes there are; the first round tells it. */
    int nodes = plan.strategy().width() + 1;
    for (int round = 0; round < 2; round++) {
      grown = situation.grown(factor, places(kind, nodes));
      stored = proposal(grown, plan).forecast().storedBytes();
      nodes =
          (int)
              Math.clamp(
                  Math.ceil(1.1 * stored / kind.spaceBytes()) + 1,
                  plan.strategy().width() + 1.0,
                  MOST_NODES);
    }
    grown = situation.grown(factor, places(kind, nodes));
    Proposal proposal = proposal(grown, plan);
    Forecast forecast = proposal.forecast();
    Fleet fleet = new Fleet(grown, proposal, seed);
    double full = Forecast.fullBytes(grown);
    return new Step(
        bytes,
        grown.shards(),
        nodes,
        stored,
        forecast.objectBytes() / Measured.OBJECT_BYTES,
        seconds(forecast.firstBackup()),
        fleet.backup(full),
        seconds(forecast.nearRestore()),
        fleet.restore(full, /* localGone= */ false),
        seconds(forecast.repair().orElse(Duration.ZERO)),
        fleet.repair(forecast.likelyObjectBytes()),
        breaks(forecast, stored / kind.spaceBytes()));
  }

  private static Proposal proposal(Situation situation, Plan plan) {
    return Advisor.propose(
        situation, plan.strategy(), new Cadence(Cadence.Kind.INCREMENTAL, DAY), Retention.WEEK);
  }

  private static List<StoragePlace> places(StoragePlace kind, int count) {
    List<StoragePlace> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String id = String.format(Locale.ROOT, "n%04d", i);
      places.add(
          new StoragePlace(
              id, kind.url(), id, kind.tier(), kind.bytesPerSecond(), kind.spaceBytes()));
    }
    return places;
  }

  private static List<String> breaks(Forecast forecast, double nodesNeeded) {
    List<String> breaks = new ArrayList<>();
    if (forecast.nextBackup().compareTo(DAY) > 0) {
      breaks.add("a backup a day does not end in a day");
    }
    if (forecast.nearRestore().compareTo(DAY) > 0) {
      breaks.add("a restore takes more than a day");
    }
    if (forecast.repair().orElse(Duration.ZERO).compareTo(DAY.multipliedBy(7)) > 0) {
      breaks.add("a repair takes more than a week");
    }
    if (nodesNeeded > MOST_NODES) {
      breaks.add("more than %d nodes are needed".formatted(MOST_NODES));
    }
    return breaks;
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }
}
