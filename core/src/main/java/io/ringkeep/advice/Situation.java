package io.ringkeep.advice;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/// What there is: a cache, and places to keep its backups in.
///
/// @param dataBytes the dataset as an RDB holds it; its size in memory is an upper bound
/// @param keys number of keys
/// @param writtenBytesPerSecond bytes of write commands, all shards together, on a day's average
/// @param shards number of primaries
/// @param roundTrip between the host that runs Ringkeep and the slower of cache and storage
/// @param compression stored bytes for each byte of data; empty if nobody knows
/// @param processors of the host that runs Ringkeep
/// @param pace how long this host and the servers take for what the machine of `docs/benchmarks.md`
///   did in 1, as [Measured#pace] or somebody says: 0.5 is twice as fast
/// @param linkBytesPerSecond between cache and that host; empty if it is no limit
/// @param places where backups may be kept
public record Situation(
    long dataBytes,
    long keys,
    long writtenBytesPerSecond,
    int shards,
    Duration roundTrip,
    OptionalDouble compression,
    int processors,
    double pace,
    OptionalLong linkBytesPerSecond,
    List<StoragePlace> places) {
  /// A host that is slower than this is measured wrongly.
  static final double MOST_PACE = 100;

  public Situation {
    places = List.copyOf(places);
    require(dataBytes >= 1, "a cache without data needs no plan: bytes=" + dataBytes);
    require(keys >= 1, "a cache without keys needs no plan: keys=" + keys);
    require(shards >= 1, "a cache has a shard at least: shards=" + shards);
    require(writtenBytesPerSecond >= 0, "a rate is not negative: rate=" + writtenBytesPerSecond);
    require(!roundTrip.isNegative(), "a round trip is not negative: time=" + roundTrip);
    require(processors >= 1, "a host has a processor at least: processors=" + processors);
    require(
        pace > 0 && pace <= MOST_PACE,
        "a pace is above 0 and " + (int) MOST_PACE + " at most: pace=" + pace);
    require(!places.isEmpty(), "no place is named that could hold a backup");
    require(
        compression.isEmpty()
            || (compression.getAsDouble() > 0 && compression.getAsDouble() <= 1.1),
        "stored bytes for each byte of data are above 0 and 1.1 at most: compression="
            + compression);
    Set<String> ids = new HashSet<>();
    for (StoragePlace place : places) {
      require(ids.add(place.id()), "two places have one name: node=" + place.id());
    }
  }

  private static void require(boolean holds, String problem) {
    if (!holds) {
      throw new InvalidRequest(problem, "'advise --help' shows all figures, with an example");
    }
  }

  /// Stored bytes for each byte of data: as given, else the worst that was measured.
  double ratio() {
    return compression.orElse(Measured.WORST_COMPRESSION);
  }

  Situation withData(double factor) {
    return new Situation(
        Math.max(1, (long) (dataBytes * factor)),
        Math.max(1, (long) (keys * factor)),
        writtenBytesPerSecond,
        shards,
        roundTrip,
        compression,
        processors,
        pace,
        linkBytesPerSecond,
        places);
  }

  Situation withWrites(double factor) {
    return new Situation(
        dataBytes,
        keys,
        (long) (writtenBytesPerSecond * factor),
        shards,
        roundTrip,
        compression,
        processors,
        pace,
        linkBytesPerSecond,
        places);
  }

  Situation withRoundTrip(double factor) {
    return new Situation(
        dataBytes,
        keys,
        writtenBytesPerSecond,
        shards,
        Duration.ofNanos((long) (roundTrip.toNanos() * factor)),
        compression,
        processors,
        pace,
        linkBytesPerSecond,
        places);
  }

  /// Every place with so many times its room.
  Situation withSpace(double factor) {
    return withPlaces(places.stream().map(place -> place.times(1, factor)).toList());
  }

  /// Every place so many times as fast.
  Situation withBandwidth(double factor) {
    return withPlaces(places.stream().map(place -> place.times(factor, 1)).toList());
  }

  /// Until so many bytes have passed the link between cache and host; 0 if it is no limit.
  public double linkSeconds(double bytes) {
    return linkBytesPerSecond.isPresent() ? bytes / linkBytesPerSecond.getAsLong() : 0;
  }

  /// A cache so many times as large, with as many times the shards, keys and writes, and other
  /// places.
  public Situation grown(double factor, List<StoragePlace> others) {
    return new Situation(
        Math.max(1, (long) (dataBytes * factor)),
        Math.max(1, (long) (keys * factor)),
        (long) (writtenBytesPerSecond * factor),
        (int) Math.max(1, Math.rint(shards * factor)),
        roundTrip,
        compression,
        processors,
        pace,
        linkBytesPerSecond,
        others);
  }

  /// The same cache and other places.
  public Situation withPlaces(List<StoragePlace> others) {
    return new Situation(
        dataBytes,
        keys,
        writtenBytesPerSecond,
        shards,
        roundTrip,
        compression,
        processors,
        pace,
        linkBytesPerSecond,
        others);
  }
}
