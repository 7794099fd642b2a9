package io.ringkeep.advice;

import io.ringkeep.placement.StorageNode.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// Something a plan has to keep: a wish, or the room there is.
///
/// @param name what was asked, such as `rpo=5s`
/// @param against what it stands against if no plan at all keeps it, such as `nodes=2`
/// @param value of a plan; it keeps this if it is not above `limit`
/// @param words the value for people
/// @param aboutRoom whether fewer kept snapshots could help
record Demand(
    String name,
    String against,
    ToDoubleFunction<Proposal> value,
    double limit,
    Function<Double, String> words,
    boolean aboutRoom) {

  boolean kept(Proposal option) {
    return value.applyAsDouble(option) <= limit;
  }

  /// All that is demanded of plans in this situation.
  static List<Demand> of(Situation situation, Wishes wishes) {
    List<Demand> demands = new ArrayList<>();
    String data = "data=" + bytes((double) situation.dataBytes());
    wishes
        .cadence()
        .ifPresent(kind ->
            demands.add(
                new Demand(
                    "cadence=" + kind.name().toLowerCase(Locale.ROOT),
                    data,
                    option -> option.plan().cadence().kind() == kind ? 0 : 1,
                    0,
                    _ -> "another cadence",
                    /* aboutRoom= */ false)));
    wishes
        .strategy()
        .ifPresent(strategy ->
            demands.add(
                new Demand(
                    "strategy=" + strategy,
                    "nodes=" + situation.places().size(),
                    option -> option.plan().strategy().equals(strategy) ? 0 : 1,
                    0,
                    _ -> "another strategy",
                    /* aboutRoom= */ false)));
    wishes
        .rpo()
        .ifPresent(rpo ->
            demands.add(
                new Demand(
                    "rpo=" + Cadence.text(rpo),
                    "segments are written every second",
                    option -> Forecast.seconds(option.forecast().rpo()),
                    Forecast.seconds(rpo),
                    Demand::time,
                    /* aboutRoom= */ false)));
    wishes
        .rto()
        .ifPresent(rto ->
            demands.add(
                new Demand(
                    "rto=" + Cadence.text(rto),
                    data,
                    option -> Forecast.seconds(option.forecast().nearRestore()),
                    Forecast.seconds(rto),
                    Demand::time,
                    /* aboutRoom= */ false)));
    wishes
        .farRto()
        .ifPresent(rto ->
            demands.add(
                new Demand(
                    "far-rto=" + Cadence.text(rto),
                    "remote nodes="
                        + situation.places().stream()
                            .filter(place -> place.tier() == Tier.REMOTE)
                            .count(),
                    option ->
                        option
                            .forecast()
                            .farRestore()
                            .map(Forecast::seconds)
                            .orElse(Double.POSITIVE_INFINITY),
                    Forecast.seconds(rto),
                    Demand::time,
                    /* aboutRoom= */ false)));
    losses(situation, wishes, demands);
    wishes
        .budgetBytes()
        .ifPresent(budget ->
            demands.add(
                new Demand(
                    "budget=" + bytes((double) budget),
                    data,
                    option -> option.forecast().storedBytes(),
                    budget,
                    Demand::bytes,
                    /* aboutRoom= */ true)));
    demands.add(
        new Demand(
            "space="
                + bytes(situation.places().stream().mapToDouble(StoragePlace::spaceBytes).sum()),
            data,
            option -> option.forecast().objectBytes() / option.capacityBytes(),
            1,
            part -> String.format(Locale.ROOT, "%.1f times the room of a node", part),
            /* aboutRoom= */ true));
    return demands;
  }

  private static void losses(Situation situation, Wishes wishes, List<Demand> demands) {
    int spare = situation.places().size() - 1;
    int implied = wishes.effectiveImportance().losses();
    int wanted =
        wishes
            .losses()
            .orElse(wishes.importance().isPresent() ? implied : Math.min(implied, spare));
    if (wanted > 0) {
      demands.add(
          new Demand(
              wishes.losses().isPresent()
                  ? "losses=" + wanted
                  : "importance=%s%s (losses=%d)"
                      .formatted(
                          wishes.effectiveImportance().name().toLowerCase(Locale.ROOT),
                          wishes.importance().isPresent() ? "" : " as nothing was said",
                          wanted),
              "nodes=" + situation.places().size(),
              option -> -option.forecast().losses(),
              -wanted,
              losses -> "%.0f losses".formatted(-losses),
              /* aboutRoom= */ false));
    }
  }

  /// `450ms`, `12s`, `28h48m`.
  static String time(double seconds) {
    if (Double.isInfinite(seconds)) {
      return "never";
    }
    long whole = (long) Math.ceil(seconds);
    if (seconds < 1) {
      return (long) (seconds * 1_000) + "ms";
    }
    if (whole < 120) {
      return whole + "s";
    }
    long minutes = (whole + 59) / 60;
    return minutes < 120
        ? minutes + "m"
        : minutes / 60 + "h" + (minutes % 60 == 0 ? "" : minutes % 60 + "m");
  }

  static String bytes(double bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    int power = 0;
    double value = bytes;
    while (value >= 1023.95 && power < units.length - 1) {
      value /= 1024;
      power++;
    }
    return String.format(Locale.ROOT, power == 0 ? "%.0f%s" : "%.1f%s", value, units[power]);
  }
}
