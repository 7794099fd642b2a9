package io.ringkeep.simulate;

import java.util.List;
import java.util.Optional;

/// A way of placing objects on nodes.
sealed interface Scheme permits KeyScheme, TableScheme {
  /// What people call it.
  String name();

  /// Plays a scenario; empty if the scheme can't work with its nodes.
  Optional<Measured> measure(Scenario scenario);

  /// What a scheme did.
  ///
  /// @param held pieces that each of the scenario's nodes held
  /// @param movedByJoin part of all pieces that changed their node when one joined, 0 to 1
  /// @param movedByLeave the same when one left; empty where too few nodes would be left
  record Measured(List<Long> held, double movedByJoin, Optional<Double> movedByLeave) {}
}
