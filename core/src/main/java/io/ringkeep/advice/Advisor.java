package io.ringkeep.advice;

import io.ringkeep.advice.Candidates.Spread;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.Feasibility;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.StorageNode.Tier;
import io.ringkeep.placement.Strategy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Ranks all plans that keep every wish, and says which wishes contradict if none does.
public final class Advisor {
  /*
   * A wish is kept or not; it is never weighed. Of plans that keep all, first those come that survive the loss of all
   * local storage (where there is remote storage and the data is more than of low importance), then those that keep
   * snapshots for longer, up to what the importance asks. The rest is one sum of logarithms, so that a percent of one
   * counts as so many percent of another: bytes likely to be stored 1, bytes read from production a day ½, time of a restore
   * ¼, ½ or 1 by importance. Retention is shortened only as far as room or budget make it.
   */
  private static final double READING = 0.5;

  private final Situation situation;
  private final Wishes wishes;
  private final List<Demand> demands;
  private final List<Spread> spreads;

  private Advisor(Situation situation, Wishes wishes, List<Spread> spreads) {
    this.situation = situation;
    this.wishes = wishes;
    this.demands = Demand.of(situation, wishes);
    this.spreads = spreads;
  }

  /// Plans, the best first: of each strategy and kind of cadence the best one.
  ///
  /// @throws InvalidRequest if no plan keeps all wishes; the message names the two, or the fewest,
  ///   that contradict
  public static Advice advise(Situation situation, Wishes wishes) {
    wishes.strategy().ifPresent(strategy -> requirePossible(situation, strategy));
    Advisor advisor = new Advisor(situation, wishes, spreads(situation, wishes));
    List<Proposal> kept = advisor.kept();
    if (kept.isEmpty()) {
      throw Contradiction.of(advisor.all(), advisor.demands);
    }
    List<Proposal> ranked = kept.stream().sorted(advisor.order()).toList();
    return new Advice(
        situation,
        wishes,
        bestOfEach(ranked),
        Reasons.of(advisor.all(), ranked, advisor.demands),
        Flips.of(situation, wishes, ranked.getFirst().plan()));
  }

  /// What one plan on all places would do, whether it keeps any wish or not.
  ///
  /// @throws InvalidRequest if the strategy can't work on the places
  public static Proposal propose(
      Situation situation, Strategy strategy, Cadence cadence, Retention retention) {
    requirePossible(situation, strategy);
    List<StorageNode> nodes = Candidates.weighted(situation.places(), strategy);
    Spread spread =
        new Spread(
            strategy,
            Plan.Reach.BOTH,
            situation.places(),
            nodes,
            Feasibility.of(nodes, strategy).warnings(),
            Layout.of(strategy, nodes, situation.places()));
    return Proposal.of(situation, spread, cadence, retention);
  }

  /// The best plan, if there is one.
  static Optional<Plan> best(Situation situation, Wishes wishes, List<Spread> spreads) {
    Advisor advisor = new Advisor(situation, wishes, spreads);
    return advisor.kept().stream().min(advisor.order()).map(Proposal::plan);
  }

  static List<Spread> spreads(Situation situation, Wishes wishes) {
    return Candidates.spreads(situation.places(), wishes.strategy());
  }

  private static void requirePossible(Situation situation, Strategy strategy) {
    Feasibility all = Feasibility.of(Candidates.weighted(situation.places(), strategy), strategy);
    if (!all.feasible()) {
      throw new InvalidRequest(
          "these contradict: strategy=%s nodes=%d: %s"
              .formatted(strategy, situation.places().size(), String.join("; ", all.errors())),
          "name more places with --node, or ask for another strategy");
    }
  }

  private static List<Proposal> bestOfEach(List<Proposal> ranked) {
    Map<String, Proposal> best = new LinkedHashMap<>();
    for (Proposal proposal : ranked) {
      best.putIfAbsent(
          proposal.plan().strategyText()
              + proposal.plan().cadence().kind()
              + proposal.plan().reach(),
          proposal);
    }
    return List.copyOf(best.values());
  }

  /// Every plan whose backups end in time, whatever else it keeps.
  private List<Proposal> all() {
    List<Proposal> all = new ArrayList<>();
    for (Spread spread : spreads) {
      for (Cadence cadence : Candidates.cadences()) {
        for (Retention retention : retentions()) {
          Proposal proposal = Proposal.of(situation, spread, cadence, retention);
          if (proposal.keepsUp()) {
            all.add(proposal);
          }
        }
      }
    }
    return all;
  }

  /// Of each strategy and cadence the plan with the longest retention that keeps all wishes.
  private List<Proposal> kept() {
    List<Proposal> kept = new ArrayList<>();
    for (Spread spread : spreads) {
      for (Cadence cadence : Candidates.cadences()) {
        for (Retention retention : retentions()) {
          Proposal proposal = Proposal.of(situation, spread, cadence, retention);
          if (keptButForRoom(proposal)) {
            if (roomFor(proposal)) {
              kept.add(proposal);
              break;
            }
          } else {
            break;
          }
        }
      }
    }
    return kept;
  }

  /// Whether it keeps what has nothing to do with how many snapshots there are.
  private boolean keptButForRoom(Proposal proposal) {
    if (!proposal.keepsUp()) {
      return false;
    }
    for (Demand demand : demands) {
      if (!demand.aboutRoom() && !demand.kept(proposal)) {
        return false;
      }
    }
    return true;
  }

  private boolean roomFor(Proposal proposal) {
    for (Demand demand : demands) {
      if (demand.aboutRoom() && !demand.kept(proposal)) {
        return false;
      }
    }
    return true;
  }

  /// The longest first.
  private List<Retention> retentions() {
    List<Retention> all = List.of(Retention.values());
    return all.subList(0, all.indexOf(wishes.effectiveImportance().retention()) + 1).reversed();
  }

  private Comparator<Proposal> order() {
    boolean far =
        wishes.effectiveImportance() != Importance.LOW
            && situation.places().stream().anyMatch(place -> place.tier() == Tier.REMOTE);
    Comparator<Proposal> survivors =
        Comparator.comparing(proposal -> far && proposal.forecast().farRestore().isEmpty());
    return survivors
        .thenComparing(proposal -> proposal.plan().retention(), Comparator.reverseOrder())
        .thenComparingDouble(this::cost);
  }

  private double cost(Proposal proposal) {
    double restoring =
        switch (wishes.effectiveImportance()) {
          case LOW -> 0.25;
          case NORMAL -> 0.5;
          case HIGH -> 1;
        };
    Forecast forecast = proposal.forecast();
    return Math.log(forecast.likelyBytes())
        + READING * Math.log(forecast.readBytesPerDay())
        + restoring * Math.log(Forecast.seconds(forecast.nearRestore()));
  }
}
