package io.ringkeep.advice;

import io.ringkeep.placement.StorageNode;

/// A place that could hold backups, with its figures.
///
/// @param id the storage node's name
/// @param url where it is, as a file of settings has it
/// @param zone what fails as one with it
/// @param tier how near it is
/// @param bytesPerSecond what it takes and gives, from the host that runs Ringkeep
/// @param spaceBytes what it may hold
public record StoragePlace(
    String id,
    String url,
    String zone,
    StorageNode.Tier tier,
    long bytesPerSecond,
    long spaceBytes) {
  public StoragePlace {
    if (bytesPerSecond < 1 || spaceBytes < 1) {
      throw new IllegalArgumentException(
          "a place has a bandwidth and room: node=%s bytesPerSecond=%d spaceBytes=%d"
              .formatted(id, bytesPerSecond, spaceBytes));
    }
  }

  /// It, so many times as fast and as large.
  StoragePlace times(double bandwidth, double space) {
    return new StoragePlace(
        id, url, zone, tier, times(bytesPerSecond, bandwidth), times(spaceBytes, space));
  }

  private static long times(long figure, double factor) {
    return factor == 1 ? figure : Math.max(1, (long) (figure * factor));
  }

  /// It as a storage node of this weight.
  StorageNode node(double weight) {
    return new StorageNode(id, weight, zone, tier, StorageNode.State.ACTIVE);
  }
}
