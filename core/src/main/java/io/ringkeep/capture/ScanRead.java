package io.ringkeep.capture;

import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.Reply;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerFacts;
import io.ringkeep.redis.command.KeyDumps;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.redis.topology.Role;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import io.ringkeep.task.RateLimit;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// All keys of one server by `SCAN` and `DUMP`, where it refuses `PSYNC`.
///
/// Weaker than a full sync: each key is as it was at some moment of the read, and a key that is
/// written, deleted or renamed meanwhile may be there in either state, or not at all. A key that is
/// there from beginning to end and not written is there as it is.
public final class ScanRead {
  /*
   * SCAN may name a key twice while the server rehashes; what was read first stays. The read rests for as long as
   * each page took, so the server is ours for half of the time at most.
   */
  private static final byte[] START = "0".getBytes(StandardCharsets.US_ASCII);
  private static final String PAGE_KEYS = "250";

  private final Server server;
  private final ConnectionOptions options;
  private final RateLimit limit;
  private final Deadline deadline;
  private final Progress.Task task;
  private final FullRead.Consumer consumer;
  private final RecordHasher hasher;
  private final RecordFingerprinter fingerprinter;
  private final SeenPositions seen = new SeenPositions();
  private long records;
  private long bytes;

  private ScanRead(
      Server server,
      ConnectionOptions options,
      HashKey hashKey,
      RateLimit limit,
      Deadline deadline,
      Progress.Task task,
      FullRead.Consumer consumer) {
    this.server = server;
    this.options = options;
    this.limit = limit;
    this.deadline = deadline;
    this.task = task;
    this.consumer = consumer;
    this.hasher = new RecordHasher(hashKey);
    this.fingerprinter = new RecordFingerprinter(hashKey);
  }

  /// Reads the server to the end.
  ///
  /// The dataset's offset is 0: it shows no single moment of the server's history.
  ///
  /// @throws io.ringkeep.model.BackupException if the server refuses or goes away
  /// @throws Unavailable if slots move away while it is read
  /// @throws IOException if the consumer fails
  public static FullRead.Dataset run(
      Server server,
      ConnectionOptions options,
      HashKey hashKey,
      RateLimit limit,
      Deadline deadline,
      Clock clock,
      Progress.Task task,
      FullRead.Consumer consumer)
      throws IOException {
    Instant started = clock.instant();
    ScanRead read = new ScanRead(server, options, hashKey, limit, deadline, task, consumer);
    return read.read(started, clock);
  }

  private FullRead.Dataset read(Instant started, Clock clock) throws IOException {
    task.phase("scanning");
    try (ServerConnection connection = ServerConnection.open(server.endpoint(), options)) {
      ServerFacts facts = ServerFacts.of(connection);
      EngineVersion engine = facts.engine();
      boolean clusterReplica = facts.clusterEnabled() && server.role() == Role.REPLICA;
      if (clusterReplica) {
        connection.command("READONLY");
      }
      try (KeyDumps dumps = KeyDumps.open(server.endpoint(), options, engine, clusterReplica)) {
        for (String name : connection.info("keyspace").keySet()) {
          scan(connection, dumps, Integer.parseInt(name.substring("db".length())));
        }
      }
      return dataset(facts, started, clock.instant());
    }
  }

  private void scan(ServerConnection connection, KeyDumps dumps, int database) throws IOException {
    if (database != 0) {
      connection.command("SELECT", Integer.toString(database));
    }
    byte[] cursor = START;
    do {
      deadline.check();
      long startNanos = System.nanoTime();
      List<@Nullable Object> page =
          Reply.list(connection.command(word("SCAN"), cursor, word("COUNT"), word(PAGE_KEYS)));
      cursor = (byte[]) Objects.requireNonNull(page.getFirst());
      List<byte[]> keys = new ArrayList<>();
      for (@Nullable Object key : Reply.list(page.get(1))) {
        byte[] name = (byte[]) Objects.requireNonNull(key);
        if (seen.add(hasher.position(database, ByteBuffer.wrap(name)))) {
          keys.add(name);
        }
      }
      long pageBytes = 0;
      for (Record record : dumps.read(database, keys)) {
        consumer.accept(
            hasher.position(database, record.key()), fingerprinter.fingerprint(record), record);
        pageBytes += record.key().remaining() + record.value().remaining();
        records++;
      }
      bytes += pageBytes;
      task.advance(pageBytes, keys.size());
      rest(System.nanoTime() - startNanos);
      limit.await(pageBytes);
    } while (!Arrays.equals(cursor, START));
  }

  private static void rest(long nanos) throws InterruptedIOException {
    try {
      Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while resting between two pages");
    }
  }

  private FullRead.Dataset dataset(ServerFacts facts, Instant started, Instant ended) {
    RdbVersion version = facts.engine().newestRdb();
    List<byte[]> functions =
        facts.functions().orElse(List.of()).stream()
            .map(library -> library.code().getBytes(StandardCharsets.UTF_8))
            .toList();
    return new FullRead.Dataset(
        server.replid(),
        /* offset= */ 0,
        started,
        started,
        ended,
        version,
        Map.of(),
        functions,
        Map.of(),
        List.of(),
        records,
        bytes);
  }

  private static byte[] word(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
