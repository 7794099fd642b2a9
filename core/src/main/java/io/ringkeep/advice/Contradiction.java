package io.ringkeep.advice;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Finds out why no plan keeps all demands: the fewest of them that no plan keeps together.
final class Contradiction {
  private Contradiction() {}

  static InvalidRequest of(List<Proposal> options, List<Demand> demands) {
    if (options.isEmpty()) {
      return new InvalidRequest(
          "a backup takes longer than a week, so none ends before the next begins",
          "faster places or more processors: 'advise' needs figures with which one ends");
    }
    int[] kept = options.stream().mapToInt(option -> mask(option, demands)).toArray();
    int subset =
        IntStream.range(1, 1 << demands.size())
            .boxed()
            .sorted(Comparator.comparingInt(Integer::bitCount))
            .filter(wanted -> IntStream.of(kept).noneMatch(mask -> (mask & wanted) == wanted))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("some plan keeps all demands"));
    List<Demand> together =
        IntStream.range(0, demands.size())
            .filter(i -> (subset >> i & 1) == 1)
            .mapToObj(demands::get)
            .toList();
    Demand measured = together.getLast();
    int others = subset & ~(1 << demands.indexOf(measured));
    double best =
        IntStream.range(0, kept.length)
            .filter(i -> (kept[i] & others) == others)
            .mapToDouble(i -> measured.value().applyAsDouble(options.get(i)))
            .min()
            .orElse(Double.POSITIVE_INFINITY);
    String names =
        together.size() == 1
            ? measured.name() + " " + measured.against()
            : String.join(" ", together.stream().map(Demand::name).toList());
    return new InvalidRequest(
        "no plan keeps %s: %s: the best has %s"
            .formatted(
                together.size() <= 2 ? "both" : "all of these",
                names,
                measured.words().apply(best)),
        "give up one of them, or change what there is: places, bandwidth, room");
  }

  private static int mask(Proposal option, List<Demand> demands) {
    int mask = 0;
    for (int i = 0; i < demands.size(); i++) {
      mask |= demands.get(i).kept(option) ? 1 << i : 0;
    }
    return mask;
  }
}
