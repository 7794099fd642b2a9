package io.ringkeep.advice;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Why the first plan is the first, as sentences.
final class Reasons {
  private static final int COMPARED = 3;

  private Reasons() {}

  /// @param all every plan, whatever it keeps
  /// @param ranked those that keep all demands, the best first
  static List<String> of(List<Proposal> all, List<Proposal> ranked, List<Demand> demands) {
    List<String> reasons = new ArrayList<>();
    for (Cadence.Kind kind : Cadence.Kind.values()) {
      if (ranked.stream().noneMatch(option -> option.plan().cadence().kind() == kind)) {
        ruledOut(kind.name().toLowerCase(Locale.ROOT), ofKind(all, kind), demands)
            .ifPresent(reasons::add);
      }
    }
    Proposal winner = ranked.getFirst();
    Set<String> families = new HashSet<>();
    ranked.stream()
        .filter(other -> !sameSpread(other, winner) || !sameKind(other, winner))
        .filter(other -> families.add(family(other)))
        .limit(COMPARED)
        .map(other -> compared(winner, other))
        .forEach(reasons::add);
    return reasons;
  }

  private static boolean sameSpread(Proposal one, Proposal other) {
    return one.plan().strategy().equals(other.plan().strategy())
        && one.plan().reach() == other.plan().reach();
  }

  /// Of plans that are alike, the best one is compared.
  private static String family(Proposal proposal) {
    return proposal.plan().strategy().getClass().getSimpleName()
        + proposal.plan().cadence().kind()
        + proposal.plan().reach();
  }

  private static boolean sameKind(Proposal one, Proposal other) {
    return one.plan().cadence().kind() == other.plan().cadence().kind();
  }

  private static List<Proposal> ofKind(List<Proposal> all, Cadence.Kind kind) {
    return all.stream().filter(option -> option.plan().cadence().kind() == kind).toList();
  }

  private static Optional<String> ruledOut(
      String kind, List<Proposal> options, List<Demand> demands) {
    return demands.stream()
        .filter(demand -> options.stream().noneMatch(demand::kept))
        .filter(demand -> !demand.name().startsWith("cadence="))
        .findFirst()
        .map(demand ->
            "no %s cadence keeps %s: the best has %s"
                .formatted(
                    kind,
                    demand.name(),
                    demand
                        .words()
                        .apply(
                            options.stream()
                                .mapToDouble(demand.value())
                                .min()
                                .orElse(Double.POSITIVE_INFINITY))));
  }

  private static String compared(Proposal winner, Proposal other) {
    return "against %s: %s; %s; %s%s%s"
        .formatted(
            other.plan().choice(),
            times(
                winner.forecast().likelyBytes(),
                other.forecast().likelyBytes(),
                "the bytes likely to be stored"),
            times(
                winner.forecast().readBytesPerDay(),
                other.forecast().readBytesPerDay(),
                "the bytes read from production"),
            times(
                Forecast.seconds(winner.forecast().nearRestore()),
                Forecast.seconds(other.forecast().nearRestore()),
                "the time of a restore"),
            winner.plan().retention() == other.plan().retention()
                ? ""
                : "; keeps more: " + winner.plan().retention().options(),
            winner.forecast().farRestore().isPresent() && other.forecast().farRestore().isEmpty()
                ? "; survives the loss of all local storage"
                : "");
  }

  private static String times(double ours, double theirs, String what) {
    double factor = ours / theirs;
    return Math.abs(factor - 1) < 0.005
        ? "equal in " + what
        : String.format(Locale.ROOT, "%.2f × %s", factor, what);
  }
}
