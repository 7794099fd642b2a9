package io.ringkeep.advice;

import io.ringkeep.advice.Candidates.Spread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Looks for the nearest change of each figure that makes another plan the best.
final class Flips {
  private static final double[] FACTORS = {1.25, 1.5, 2, 3, 5, 10};
  private static final int MOST = 5;

  /// A figure that was changed.
  ///
  /// @param words the figure and its new value
  /// @param distance how far it was changed
  private record Flip(String words, double distance) {}

  /// Makes a changed question.
  private interface Change {
    Question with(double factor);
  }

  /// @param words what was changed, and to what
  private record Question(String words, Situation situation, Wishes wishes, boolean samePlaces) {}

  private Flips() {}

  static List<String> of(Situation situation, Wishes wishes, Plan winner) {
    List<Spread> spreads = Advisor.spreads(situation, wishes);
    List<Flip> flips = new ArrayList<>();
    for (Change change : changes(situation, wishes)) {
      nearest(change, spreads, winner).ifPresent(flips::add);
    }
    losses(situation, wishes, spreads, winner).ifPresent(flips::add);
    return flips.stream()
        .sorted(Comparator.comparingDouble(Flip::distance))
        .limit(MOST)
        .map(Flip::words)
        .toList();
  }

  private static List<Change> changes(Situation situation, Wishes wishes) {
    List<Change> changes = new ArrayList<>();
    changes.add(factor -> {
      Situation other = situation.withData(factor);
      return new Question(
          "data of " + Demand.bytes((double) other.dataBytes()),
          other,
          wishes,
          /* samePlaces= */ true);
    });
    if (situation.writtenBytesPerSecond() > 0) {
      changes.add(factor -> {
        Situation other = situation.withWrites(factor);
        return new Question(
            "writes of " + Demand.bytes((double) other.writtenBytesPerSecond()) + "/s",
            other,
            wishes,
            /* samePlaces= */ true);
      });
    }
    if (!situation.roundTrip().isZero()) {
      changes.add(factor -> {
        Situation other = situation.withRoundTrip(factor);
        return new Question(
            "a round trip of " + Demand.time(Forecast.seconds(other.roundTrip())),
            other,
            wishes,
            /* samePlaces= */ true);
      });
    }
    changes.add(factor ->
        new Question(
            "places with %s × the room".formatted(number(factor)),
            situation.withSpace(factor),
            wishes,
            /* samePlaces= */ false));
    changes.add(factor ->
        new Question(
            "places of %s × the bandwidth".formatted(number(factor)),
            situation.withBandwidth(factor),
            wishes,
            /* samePlaces= */ false));
    wishes
        .rpo()
        .ifPresent(rpo ->
            changes.add(factor -> {
              Duration other = scaled(rpo, factor);
              return new Question(
                  "an rpo of " + Demand.time(Forecast.seconds(other)),
                  situation,
                  wishes.withRpo(other),
                  /* samePlaces= */ true);
            }));
    wishes
        .rto()
        .ifPresent(rto ->
            changes.add(factor -> {
              Duration other = scaled(rto, factor);
              return new Question(
                  "an rto of " + Demand.time(Forecast.seconds(other)),
                  situation,
                  wishes.withRto(other),
                  /* samePlaces= */ true);
            }));
    return changes;
  }

  private static Optional<Flip> nearest(Change change, List<Spread> spreads, Plan winner) {
    for (double step : FACTORS) {
      for (double factor : new double[] {step, 1 / step}) {
        Question question = change.with(factor);
        List<Spread> those =
            question.samePlaces()
                ? spreads
                : Advisor.spreads(question.situation(), question.wishes());
        Optional<Plan> best = Advisor.best(question.situation(), question.wishes(), those);
        if (best.isEmpty() || !best.get().choice().equals(winner.choice())) {
          return Optional.of(
              new Flip(
                  "with %s: %s"
                      .formatted(
                          question.words(),
                          best.map(Plan::choice).orElse("no plan keeps all wishes")),
                  step));
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Flip> losses(
      Situation situation, Wishes wishes, List<Spread> spreads, Plan winner) {
    int more = winner.strategy().toleratedLosses() + 1;
    Optional<Plan> best = Advisor.best(situation, wishes.withLosses(more), spreads);
    return Optional.of(
        new Flip(
            "to survive the loss of %d of %d places: %s"
                .formatted(
                    more,
                    situation.places().size(),
                    best.map(Plan::choice).orElse("no plan keeps all wishes")),
            2));
  }

  private static Duration scaled(Duration time, double factor) {
    return Duration.ofMillis((long) (time.toMillis() * factor));
  }

  private static String number(double factor) {
    return String.format(Locale.ROOT, factor < 1 ? "%.2f" : "%.3g", factor)
        .replaceFirst("[.]0+$", "");
  }
}
