package io.ringkeep.probe;

import io.ringkeep.advice.Measured;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.TopologyDiscovery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/// What a live cache says about itself, and what a sample of its keys shows.
///
/// @param dataBytes as an RDB would hold it, from the sample; without one what the dataset takes in
///   memory, which is more
/// @param keys of all databases and shards
/// @param writtenBytesPerSecond of the replication stream where there is one that moves; else all
///   that clients sent, reads as well, which is more
/// @param shards primaries that serve slots
/// @param roundTrip of `PING`, the slowest server's fastest
/// @param compression stored bytes for each byte of data, from the sample
/// @param sampledKeys how many were looked at
/// @param work how long our own work takes with the sampled keys
public record CacheProbe(
    long dataBytes,
    long keys,
    long writtenBytesPerSecond,
    int shards,
    Duration roundTrip,
    OptionalDouble compression,
    int sampledKeys,
    Optional<WorkProbe> work) {
  /*
   * Each primary is asked INFO and a few PINGs. Eight of them at most are sampled, spread over all, since slots deal keys out
   * evenly: what SCAN finds first in each database, where hashing has put it; up to 2,000 keys, in pages, for a second at
   * most; keys of more than 1 MiB in memory count with that and are not read, since DUMP would hold the server up. The stream is watched from
   * the first look to the last, a second at least, on all primaries at once.
   */
  private static final int PINGS = 5;
  private static final int MOST_SAMPLED_SHARDS = 8;
  private static final long WATCH_NANOS = 1_000_000_000L;

  /// What one primary says.
  ///
  /// @param keys by database
  /// @param atNanos when it said so
  private record Facts(
      long datasetBytes,
      Map<Integer, Long> keys,
      long offset,
      long inputBytes,
      long uptimeSeconds,
      long atNanos) {
    static Facts of(ServerConnection server, LongSupplier nanoTime) {
      Map<String, String> info =
          server.info("memory", "keyspace", "replication", "stats", "server");
      Map<Integer, Long> keys = new TreeMap<>();
      for (Map.Entry<String, String> field : info.entrySet()) {
        if (field.getKey().matches("db[0-9]+")) {
          keys.put(
              Integer.parseInt(field.getKey().substring(2)),
              Long.parseLong(field.getValue().replaceFirst("keys=([0-9]+),.*", "$1")));
        }
      }
      return new Facts(
          number(info, "used_memory_dataset", number(info, "used_memory", 0)),
          keys,
          number(info, "master_repl_offset", 0),
          number(info, "total_net_input_bytes", 0),
          Math.max(1, number(info, "uptime_in_seconds", 1)),
          nanoTime.getAsLong());
    }

    private static long number(Map<String, String> info, String name, long otherwise) {
      String text = info.getOrDefault(name, "");
      return text.matches("[0-9]+") ? Long.parseLong(text) : otherwise;
    }

    /// What was written a second since another look.
    long writtenSince(Facts before) {
      long stream = offset - before.offset;
      long bytes = stream > 0 ? stream : inputBytes - before.inputBytes;
      return (long) (Math.max(0, bytes) * 1e9 / Math.max(1, atNanos - before.atNanos));
    }
  }

  /// Asks every primary; changes nothing.
  ///
  /// @param sample whether keys are sampled and the stream is watched, which takes seconds
  /// @throws io.ringkeep.model.BackupException if the cache is away or denies `INFO`
  /// @throws IOException never but by a fault of ours: work on the sample stays in memory
  public static CacheProbe of(
      RedisUri uri, ConnectionOptions options, boolean sample, LongSupplier nanoTime)
      throws IOException, InterruptedException {
    ConnectionOptions login = options.forUri(uri);
    List<Shard> shards = TopologyDiscovery.discover(uri, options).shards();
    List<Facts> before = new ArrayList<>();
    long slowest = 0;
    for (Shard shard : shards) {
      try (ServerConnection server = ServerConnection.open(shard.primary().endpoint(), login)) {
        slowest = Math.max(slowest, ping(server, nanoTime));
        before.add(Facts.of(server, nanoTime));
      }
    }
    long keys =
        before.stream()
            .flatMap(facts -> facts.keys().values().stream())
            .mapToLong(Long::longValue)
            .sum();
    KeySample sampled = new KeySample(login, nanoTime);
    if (sample) {
      for (int i = 0; i < shards.size(); i += 1 + (shards.size() - 1) / MOST_SAMPLED_SHARDS) {
        sampled.take(shards.get(i).primary(), before.get(i).keys());
      }
    }
    boolean known = sampled.keys() > 0;
    return new CacheProbe(
        known ? sampled.dataBytes(keys) : before.stream().mapToLong(Facts::datasetBytes).sum(),
        keys,
        sample
            ? watched(shards, before, login, nanoTime)
            : before.stream().mapToLong(one -> one.inputBytes() / one.uptimeSeconds()).sum(),
        shards.size(),
        Duration.ofNanos(slowest),
        sampled.compression(),
        sampled.keys(),
        WorkProbe.of(sampled.records(), nanoTime));
  }

  /// How long this host takes for what the machine of the formulas did in 1, with this cache's
  /// keys.
  public Optional<Double> pace() {
    return work.map(probe -> Measured.pace(probe.secondsPerMib()));
  }

  private static long watched(
      List<Shard> shards, List<Facts> before, ConnectionOptions login, LongSupplier nanoTime)
      throws InterruptedException {
    long left = before.getLast().atNanos() + WATCH_NANOS - nanoTime.getAsLong();
    if (left > 0) {
      Thread.sleep(Duration.ofNanos(left));
    }
    long written = 0;
    for (int i = 0; i < shards.size(); i++) {
      try (ServerConnection server =
          ServerConnection.open(shards.get(i).primary().endpoint(), login)) {
        written += Facts.of(server, nanoTime).writtenSince(before.get(i));
      }
    }
    return written;
  }

  private static long ping(ServerConnection server, LongSupplier nanoTime) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < PINGS; i++) {
      long start = nanoTime.getAsLong();
      server.command("PING");
      least = Math.min(least, nanoTime.getAsLong() - start);
    }
    return least;
  }
}
