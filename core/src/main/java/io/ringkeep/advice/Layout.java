package io.ringkeep.advice;

import io.ringkeep.placement.Shares;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.StorageNode.Tier;
import io.ringkeep.placement.Strategy;
import io.ringkeep.placement.Strategy.Sharded;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// What a strategy does on some places: seconds and room for each byte of an object.
///
/// @param writeSecondsPerByte until the slowest node has what it is to have of it
/// @param nearSecondsPerByte reading, local pieces first
/// @param farSecondsPerByte reading with all local nodes gone; empty if too little may be left
/// @param capacityBytes of objects, until the first node is full
/// @param largestShare of a node: its part of one byte of an object, in stored bytes
/// @param slowestBytesPerSecond of a node
/// @param dataPieces that an object is read from
record Layout(
    double writeSecondsPerByte,
    double nearSecondsPerByte,
    OptionalDouble farSecondsPerByte,
    double capacityBytes,
    double largestShare,
    double slowestBytesPerSecond,
    int dataPieces) {

  /// @param places in the order of `nodes`
  static Layout of(Strategy strategy, List<StorageNode> nodes, List<StoragePlace> places) {
    boolean sharded = strategy instanceof Sharded;
    int width = sharded ? 1 : strategy.width();
    int data = sharded ? 1 : strategy.dataPieces();
    Shares shares = new Shares(nodes, width);
    double write = 0;
    double capacity = Double.POSITIVE_INFINITY;
    double largest = 0;
    double slowest = Double.POSITIVE_INFINITY;
    double localPieces = 0;
    for (int i = 0; i < places.size(); i++) {
      double stored = shares.of(i) / data;
      StoragePlace place = places.get(i);
      write = Math.max(write, stored / place.bytesPerSecond());
      capacity = Math.min(capacity, place.spaceBytes() / stored);
      largest = Math.max(largest, stored);
      slowest = Math.min(slowest, (double) place.bytesPerSecond());
      localPieces += place.tier() == Tier.LOCAL ? shares.of(i) : 0;
    }
    double remotePieces = width - localPieces;
    double fromLocal = sharded ? localPieces : Math.min(localPieces, data);
    double near =
        Math.max(
            read(shares, places, Tier.LOCAL, fromLocal / data, localPieces),
            read(shares, places, Tier.REMOTE, (data - fromLocal) / data, remotePieces));
    boolean noLocal = places.stream().noneMatch(place -> place.tier() == Tier.LOCAL);
    boolean farReadable = noLocal || (!sharded && leastRemotePieces(shares, places, width) >= data);
    return new Layout(
        write,
        near,
        farReadable
            ? OptionalDouble.of(read(shares, places, Tier.REMOTE, 1, remotePieces))
            : OptionalDouble.empty(),
        capacity,
        largest,
        slowest,
        data);
  }

  /// Seconds until the slowest node of a tier has given its part.
  ///
  /// @param part of each byte that the tier gives
  /// @param pieces of an object that it holds
  private static double read(
      Shares shares, List<StoragePlace> places, Tier tier, double part, double pieces) {
    double seconds = 0;
    for (int i = 0; i < places.size(); i++) {
      StoragePlace place = places.get(i);
      if (place.tier() == tier && pieces > 0) {
        seconds = Math.max(seconds, part * shares.of(i) / pieces / place.bytesPerSecond());
      }
    }
    return seconds;
  }

  /// Pieces of any object that stand on remote nodes at least: all but those that zones allow on
  /// local ones.
  private static int leastRemotePieces(Shares shares, List<StoragePlace> places, int width) {
    int mostLocal = 0;
    for (Map.Entry<String, List<Integer>> zone : shares.zones().entrySet()) {
      long local = zone.getValue().stream().filter(i -> places.get(i).tier() == Tier.LOCAL).count();
      mostLocal += (int) Math.min(shares.zoneLimit(), local);
    }
    return width - Math.min(width, mostLocal);
  }
}
