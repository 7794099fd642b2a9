package io.ringkeep.probe;

import io.ringkeep.model.Record;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.Reply;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.command.KeyDumps;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.TopologyDiscovery;
import io.ringkeep.repository.run.SampleCompression;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

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
public record CacheProbe(
    long dataBytes,
    long keys,
    long writtenBytesPerSecond,
    int shards,
    Duration roundTrip,
    OptionalDouble compression,
    int sampledKeys) {
  /*
   * Each primary is asked INFO and a few PINGs. A sample is what SCAN finds first, where hashing has put it: up to 2,000
   * keys of a shard, in pages, for a second at most; keys of more than 1 MiB in memory are passed over, since DUMP
   * would hold the server up. Then the stream is watched for a second.
   */
  private static final int PINGS = 5;
  private static final int SAMPLED_KEYS = 2_000;
  private static final long SAMPLED_BYTES = 4 << 20;
  private static final long LARGEST_BYTES = 1 << 20;
  private static final long MOST_NANOS = 1_000_000_000L;
  private static final long WATCH_MILLIS = 1_000;

  /// What one primary says.
  private record Facts(
      long datasetBytes, long keys, long offset, long inputBytes, long uptimeSeconds) {
    static Facts of(ServerConnection server) {
      Map<String, String> info =
          server.info("memory", "keyspace", "replication", "stats", "server");
      long keys = 0;
      for (Map.Entry<String, String> field : info.entrySet()) {
        if (field.getKey().matches("db[0-9]+")) {
          keys += Long.parseLong(field.getValue().replaceFirst("keys=([0-9]+),.*", "$1"));
        }
      }
      return new Facts(
          number(info, "used_memory_dataset", number(info, "used_memory", 0)),
          keys,
          number(info, "master_repl_offset", 0),
          number(info, "total_net_input_bytes", 0),
          Math.max(1, number(info, "uptime_in_seconds", 1)));
    }

    private static long number(Map<String, String> info, String name, long otherwise) {
      String text = info.getOrDefault(name, "");
      return text.matches("[0-9]+") ? Long.parseLong(text) : otherwise;
    }
  }

  /// What a sample of keys shows.
  private static final class Sample {
    private final List<ByteBuffer> parts = new ArrayList<>();
    private long bytes;

    void add(Record record) {
      parts.add(record.key());
      parts.add(record.value());
      bytes += record.key().remaining() + record.value().remaining();
    }

    int keys() {
      return parts.size() / 2;
    }
  }

  /// Asks every primary; changes nothing.
  ///
  /// @param sample whether keys are sampled and the stream is watched, which takes seconds
  /// @throws io.ringkeep.model.BackupException if the cache is away or denies `INFO`
  public static CacheProbe of(
      RedisUri uri, ConnectionOptions options, boolean sample, LongSupplier nanoTime)
      throws InterruptedException {
    ConnectionOptions login = options.forUri(uri);
    Topology topology = TopologyDiscovery.discover(uri, options);
    Sample sampled = new Sample();
    long data = 0;
    long keys = 0;
    long written = 0;
    long slowest = 0;
    for (Shard shard : topology.shards()) {
      Server primary = shard.primary();
      try (ServerConnection server = ServerConnection.open(primary.endpoint(), login)) {
        slowest = Math.max(slowest, ping(server, nanoTime));
        Facts facts = Facts.of(server);
        data += facts.datasetBytes();
        keys += facts.keys();
        if (sample) {
          sample(server, primary, login, sampled, nanoTime);
          written += watched(server, facts);
        } else {
          written += facts.inputBytes() / facts.uptimeSeconds();
        }
      }
    }
    boolean known = sampled.keys() > 0;
    return new CacheProbe(
        known ? Math.max(1, sampled.bytes / sampled.keys() * keys) : data,
        keys,
        written,
        topology.shards().size(),
        Duration.ofNanos(slowest),
        known
            ? OptionalDouble.of(Math.min(1, SampleCompression.ratio(sampled.parts)))
            : OptionalDouble.empty(),
        sampled.keys());
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

  private static long watched(ServerConnection server, Facts before) throws InterruptedException {
    Thread.sleep(WATCH_MILLIS);
    Facts after = Facts.of(server);
    long stream = after.offset() - before.offset();
    return (stream > 0 ? stream : after.inputBytes() - before.inputBytes()) * 1_000 / WATCH_MILLIS;
  }

  private static void sample(
      ServerConnection server,
      Server primary,
      ConnectionOptions login,
      Sample sampled,
      LongSupplier nanoTime) {
    long start = nanoTime.getAsLong();
    int wanted = sampled.keys() + SAMPLED_KEYS;
    long room = sampled.bytes + SAMPLED_BYTES;
    String cursor = "0";
    try (KeyDumps dumps =
        KeyDumps.open(primary.endpoint(), login, primary.engine(), /* readOnly= */ false)) {
      do {
        List<@Nullable Object> page = server.list("SCAN", cursor, "COUNT", "100");
        cursor = Reply.text(page.getFirst());
        List<byte[]> keys = new ArrayList<>();
        for (@Nullable Object key : Reply.list(page.get(1))) {
          byte[] name = (byte[]) Objects.requireNonNull(key);
          if (bytesOf(server, name) <= LARGEST_BYTES) {
            keys.add(name);
          }
        }
        dumps.read(0, keys).forEach(sampled::add);
      } while (!cursor.equals("0")
          && sampled.keys() < wanted
          && sampled.bytes < room
          && nanoTime.getAsLong() - start < MOST_NANOS);
    }
  }

  private static long bytesOf(ServerConnection server, byte[] key) {
    return server.command(word("MEMORY"), word("USAGE"), key) instanceof Long bytes ? bytes : 0;
  }

  private static byte[] word(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
