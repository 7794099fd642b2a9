package io.ringkeep.nodes;

import io.ringkeep.placement.Strategy;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the name of a data object says of where it lies: `-e4.2.17` for group 17 of `erasure:4+2`,
/// `-c3.17` for group 17 of `copy:3`, `-s6.5` for range 5 of `shard:6`.
///
/// @param strategy by which it was written
/// @param group of that strategy's table that it was dealt to, or range of the ring that it holds
record PlacementMark(Strategy strategy, int group) {
  private static final String NUMBER = "([0-9]{1,5})";
  private static final Pattern NAME =
      Pattern.compile(
          ".*-(?:s%1$s\\.%1$s|c%1$s\\.%1$s|e%1$s\\.%1$s\\.%1$s)\\.data".formatted(NUMBER));

  /// What a name says, if it does.
  static Optional<PlacementMark> of(String object) {
    Matcher name = NAME.matcher(object);
    if (!name.matches()) {
      return Optional.empty();
    }
    try {
      if (name.group(1) != null) {
        return Optional.of(
            new PlacementMark(new Strategy.Sharded(number(name, 1)), number(name, 2)));
      }
      if (name.group(3) != null) {
        return Optional.of(
            new PlacementMark(new Strategy.Copies(number(name, 3)), number(name, 4)));
      }
      return Optional.of(
          new PlacementMark(
              new Strategy.Erasure(number(name, 5), number(name, 6)), number(name, 7)));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // Someone else's name.
    }
  }

  private static int number(Matcher name, int group) {
    return Integer.parseInt(name.group(group));
  }

  @Override
  public String toString() {
    return switch (strategy) {
      case Strategy.Sharded sharded -> "-s" + sharded.shards() + "." + group;
      case Strategy.Copies copies -> "-c" + copies.copies() + "." + group;
      case Strategy.Erasure erasure -> "-e" + erasure.data() + "." + erasure.parity() + "." + group;
    };
  }
}
