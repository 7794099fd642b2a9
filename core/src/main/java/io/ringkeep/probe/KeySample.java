package io.ringkeep.probe;

import io.ringkeep.model.Record;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Reply;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.command.KeyDumps;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.repository.run.SampleCompression;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a sample of keys shows: how large they are, and how well they compress.
final class KeySample {
  /*
   * A server's databases are looked into one after the other, each for as many keys as its part of the server's is, and a
   * few at least. Sizes are weighed by the keys that they stand for: a database of few large values counts for what it holds.
   * A key of more than 1 MiB counts with what it takes in memory: DUMP would hold the server up.
   */
  private static final int KEYS_OF_A_SERVER = 2_000;
  private static final int LEAST_KEYS_OF_A_DATABASE = 50;
  private static final long BYTES_OF_A_SERVER = 4 << 20;
  private static final long LARGEST_BYTES = 1 << 20;
  private static final long MOST_NANOS = 1_000_000_000L;

  private final ConnectionOptions login;
  private final LongSupplier nanoTime;
  private final List<Record> read = new ArrayList<>();
  private double weighedBytes;
  private long weighedKeys;
  private int looked;

  /// Keys of a database: those that were read, and what the others take in memory.
  private static final class Sample {
    private final List<Record> records = new ArrayList<>();
    private int largeKeys;
    private long largeBytes;

    int keys() {
      return records.size() + largeKeys;
    }

    long recordBytes() {
      return records.stream().mapToLong(KeySample::bytesOf).sum();
    }
  }

  /// Nothing yet.
  KeySample(ConnectionOptions login, LongSupplier nanoTime) {
    this.login = login;
    this.nanoTime = nanoTime;
  }

  /// How many keys were looked at.
  int keys() {
    return looked;
  }

  /// About how many bytes so many keys have.
  long dataBytes(long keys) {
    return Math.max(1, (long) (weighedBytes / weighedKeys * keys));
  }

  /// Stored bytes for each byte of data, 1 at most; empty if no key was read.
  OptionalDouble compression() {
    if (read.isEmpty()) {
      return OptionalDouble.empty();
    }
    List<ByteBuffer> parts =
        read.stream().flatMap(record -> Stream.of(record.key(), record.value())).toList();
    return OptionalDouble.of(Math.min(1, SampleCompression.ratio(parts)));
  }

  /// The keys that were read.
  List<Record> records() {
    return read;
  }

  /// Looks at keys of a primary for a second at most, or at one key of each database.
  ///
  /// @param held keys by database
  void take(Server primary, Map<Integer, Long> held) {
    long all = Math.max(1, held.values().stream().mapToLong(Long::longValue).sum());
    long until = nanoTime.getAsLong() + MOST_NANOS;
    try (ServerConnection server = ServerConnection.open(primary.endpoint(), login);
        KeyDumps dumps =
            KeyDumps.open(primary.endpoint(), login, primary.engine(), /* readOnly= */ false)) {
      int left = held.size();
      for (Map.Entry<Integer, Long> database : held.entrySet()) {
        long now = nanoTime.getAsLong();
        double part = (double) database.getValue() / all;
        int wanted = Math.max(LEAST_KEYS_OF_A_DATABASE, (int) (KEYS_OF_A_SERVER * part));
        Sample sample =
            sample(
                server,
                dumps,
                database.getKey(),
                wanted,
                (long) (BYTES_OF_A_SERVER * part),
                now + (until - now) / left--);
        if (sample.keys() > 0) {
          double bytes = sample.recordBytes() + sample.largeBytes;
          weighedBytes += bytes / sample.keys() * database.getValue();
          weighedKeys += database.getValue();
          looked += sample.keys();
        }
        read.addAll(sample.records);
      }
    }
  }

  private Sample sample(
      ServerConnection server, KeyDumps dumps, int database, int wanted, long room, long until) {
    if (database != 0) {
      server.command("SELECT", Integer.toString(database));
    }
    Sample sampled = new Sample();
    long bytes = 0;
    String cursor = "0";
    do {
      List<@Nullable Object> page = server.list("SCAN", cursor, "COUNT", "100");
      cursor = Reply.text(page.getFirst());
      List<byte[]> names = new ArrayList<>();
      for (@Nullable Object key : Reply.list(page.get(1))) {
        byte[] name = (byte[]) Objects.requireNonNull(key);
        if (sampled.keys() + names.size() > 0 && nanoTime.getAsLong() >= until) {
          break;
        }
        long memory = memoryOf(server, name);
        if (memory > LARGEST_BYTES) {
          sampled.largeKeys++;
          sampled.largeBytes += memory;
        } else {
          names.add(name);
        }
      }
      for (Record record : dumps.read(database, names)) {
        sampled.records.add(record);
        bytes += bytesOf(record);
      }
    } while (!cursor.equals("0")
        && sampled.keys() < wanted
        && bytes < room
        && nanoTime.getAsLong() < until);
    return sampled;
  }

  /// Bytes of a key and its value.
  static long bytesOf(Record record) {
    return record.key().remaining() + (long) record.value().remaining();
  }

  private static long memoryOf(ServerConnection server, byte[] key) {
    return server.command(word("MEMORY"), word("USAGE"), key) instanceof Long bytes ? bytes : 0;
  }

  private static byte[] word(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
