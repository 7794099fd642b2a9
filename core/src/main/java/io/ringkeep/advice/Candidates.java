package io.ringkeep.advice;

import io.ringkeep.advice.Plan.Reach;
import io.ringkeep.placement.Feasibility;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.StorageNode.Tier;
import io.ringkeep.placement.Strategy;
import io.ringkeep.placement.Strategy.Copies;
import io.ringkeep.placement.Strategy.Erasure;
import io.ringkeep.placement.Strategy.Sharded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// All plans there are for a situation, before anybody asks whether they are good.
final class Candidates {
  private static final int MOST_COPIES = 5;
  private static final int MOST_DATA_PIECES = 10;
  private static final int MOST_PARITY = 4;

  private static final List<Cadence> CADENCES =
      Stream.of(
              hours(6, 12, 24, 7 * 24).stream().map(every -> new Cadence(Cadence.Kind.FULL, every)),
              minutes(5, 15, 30).stream()
                  .map(every -> new Cadence(Cadence.Kind.INCREMENTAL, every)),
              hours(1, 3, 6, 12, 24, 7 * 24).stream()
                  .map(every -> new Cadence(Cadence.Kind.INCREMENTAL, every)),
              hours(1, 6, 24).stream().map(every -> new Cadence(Cadence.Kind.ARCHIVE, every)))
          .flatMap(cadences -> cadences)
          .toList();

  private Candidates() {}

  private static List<Duration> hours(int... hours) {
    return Arrays.stream(hours).mapToObj(Duration::ofHours).toList();
  }

  private static List<Duration> minutes(int... minutes) {
    return Arrays.stream(minutes).mapToObj(Duration::ofMinutes).toList();
  }

  /// A strategy on some of the places.
  ///
  /// @param places in the order of `nodes`
  record Spread(
      Strategy strategy,
      Reach reach,
      List<StoragePlace> places,
      List<StorageNode> nodes,
      List<String> warnings,
      Layout layout) {

    Plan plan(Cadence cadence, Retention retention) {
      return new Plan(strategy, reach, nodes, cadence, retention);
    }
  }

  static List<Cadence> cadences() {
    return CADENCES;
  }

  /// Every strategy that works, on the near places, on the far ones, and on all of them.
  ///
  /// @param asked is tried, too, whatever it is
  static List<Spread> spreads(List<StoragePlace> places, Optional<Strategy> asked) {
    List<StoragePlace> local = ofTier(places, Tier.LOCAL);
    List<StoragePlace> remote = ofTier(places, Tier.REMOTE);
    List<Spread> spreads = new ArrayList<>();
    spreads.addAll(spreads(Reach.LOCAL, local, asked));
    spreads.addAll(spreads(Reach.REMOTE, remote, asked));
    if (!local.isEmpty() && !remote.isEmpty()) {
      spreads.addAll(spreads(Reach.BOTH, places, asked));
    }
    return spreads;
  }

  private static List<StoragePlace> ofTier(List<StoragePlace> places, Tier tier) {
    return places.stream().filter(place -> place.tier() == tier).toList();
  }

  private static List<Spread> spreads(
      Reach reach, List<StoragePlace> places, Optional<Strategy> asked) {
    List<Spread> spreads = new ArrayList<>();
    for (Strategy strategy : strategies(places.size(), asked)) {
      List<StorageNode> nodes = weighted(places, strategy);
      Feasibility feasibility = Feasibility.of(nodes, strategy);
      if (feasibility.feasible()) {
        spreads.add(
            new Spread(
                strategy,
                reach,
                places,
                nodes,
                feasibility.warnings(),
                Layout.of(strategy, nodes, places)));
      }
    }
    return spreads;
  }

  private static Set<Strategy> strategies(int nodes, Optional<Strategy> asked) {
    Set<Strategy> strategies = new LinkedHashSet<>();
    if (nodes == 0) {
      return strategies;
    }
    asked.ifPresent(strategies::add);
    for (int copies = 1; copies <= Math.min(nodes, MOST_COPIES); copies++) {
      strategies.add(new Copies(copies));
    }
    if (nodes > 1) {
      strategies.add(new Sharded(nodes));
    }
    for (int parity = 1; parity <= MOST_PARITY; parity++) {
      for (int data = 2; data <= Math.min(MOST_DATA_PIECES, nodes - parity); data++) {
        strategies.add(new Erasure(data, parity));
      }
    }
    return strategies;
  }

  /// Nodes weighted by their room, compared with the smallest, as far as a node may hold one piece
  /// of an object only.
  static List<StorageNode> weighted(List<StoragePlace> places, Strategy strategy) {
    double least = places.stream().mapToDouble(StoragePlace::spaceBytes).min().orElseThrow();
    double[] weights =
        places.stream().mapToDouble(place -> rounded(place.spaceBytes() / least)).toArray();
    int width = strategy instanceof Sharded ? 1 : strategy.width();
    for (int pass = 0; pass < places.size() && width <= places.size(); pass++) {
      double all = Arrays.stream(weights).sum();
      for (int i = 0; i < weights.length; i++) {
        if (width * weights[i] > all) {
          weights[i] = Math.max(1, floored((all - weights[i]) / (width - 1)));
        }
      }
    }
    List<StorageNode> nodes = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      nodes.add(places.get(i).node(weights[i]));
    }
    return nodes;
  }

  private static double rounded(double weight) {
    return Math.clamp(Math.rint(10 * weight) / 10, 1, 1_000);
  }

  private static double floored(double weight) {
    return Math.floor(10 * weight) / 10;
  }
}
