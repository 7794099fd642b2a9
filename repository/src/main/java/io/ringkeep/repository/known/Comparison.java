package io.ringkeep.repository.known;

/// What captured records are compared with: the records of the snapshot before, and which of them
/// came again.
///
/// @param before the snapshot's records
/// @param sightings which of them were met
public record Comparison(KnownFile before, Sightings sightings) {
  /// A comparison of which nothing is known yet.
  public static Comparison with(KnownFile before) {
    return new Comparison(before, new Sightings(before.count()));
  }
}
