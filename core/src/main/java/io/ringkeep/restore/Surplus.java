package io.ringkeep.restore;

import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.Reply;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.resp.Printable;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Keys of the target that a restore's selection means and that its snapshot doesn't have: what a
/// restore of differences deletes if it is told to.
final class Surplus {
  /*
   * The snapshot's positions stand in memory, eight bytes a key; the target's names pass. Should two keys ever share a
   * position, one too many stays: never is one deleted that the snapshot has.
   */
  private static final byte[] START = word("0");
  private static final String PAGE_KEYS = "500";
  private static final int MOST_EXAMPLES = 5;

  /// What a plan says.
  ///
  /// @param keys how many there are
  /// @param examples names of the first
  record Found(long keys, List<String> examples) {
    static final Found NONE = new Found(0, List.of());

    Found {
      examples = List.copyOf(examples);
    }
  }

  private final RestoreRequest request;
  private final RecordHasher hasher;
  private final long[] positions;
  private final boolean delete;
  private final List<String> examples = new ArrayList<>();
  private long keys;

  private Surplus(RestoreRequest request, RecordHasher hasher, long[] positions, boolean delete) {
    this.request = request;
    this.hasher = hasher;
    this.positions = positions;
    this.delete = delete;
  }

  /// Counts them; changes nothing.
  static Found find(
      RestoreRequest request,
      List<TargetServer> servers,
      Repository repository,
      Manifest manifest,
      Clock clock)
      throws IOException {
    return of(request, servers, repository, manifest, clock, /* delete= */ false);
  }

  /// Deletes them.
  static Found delete(
      RestorePlan plan, List<TargetServer> servers, Repository repository, Clock clock)
      throws IOException {
    return of(plan.request(), servers, repository, plan.manifest(), clock, /* delete= */ true);
  }

  private static Found of(
      RestoreRequest request,
      List<TargetServer> servers,
      Repository repository,
      Manifest manifest,
      Clock clock,
      boolean delete)
      throws IOException {
    RecordHasher hasher = new RecordHasher(repository.hashKey());
    long[] positions = new long[Math.toIntExact(manifest.records())];
    int[] count = new int[1];
    SnapshotFeed.feed(
        repository,
        manifest,
        List.of(SlotRange.ALL),
        clock,
        SnapshotFeed.Check.COUNTS,
        record -> positions[count[0]++] = hasher.position(record.database(), record.key()));
    if (count[0] != positions.length) {
      throw new IllegalStateException("a feed has every record: " + count[0]);
    }
    Arrays.sort(positions);
    Surplus surplus = new Surplus(request, hasher, positions, delete);
    for (TargetServer server : servers) {
      surplus.scan(server);
    }
    return new Found(surplus.keys, surplus.examples);
  }

  private void scan(TargetServer server) {
    try (ServerConnection connection =
        ServerConnection.open(server.shard().primary().endpoint(), request.connection())) {
      for (String name : connection.info("keyspace").keySet()) {
        int database = Integer.parseInt(name.substring("db".length()));
        if (database != 0) {
          connection.command("SELECT", Integer.toString(database));
        }
        scan(connection, database);
      }
    }
  }

  private void scan(ServerConnection connection, int database) {
    byte[] cursor = START;
    do {
      List<@Nullable Object> page =
          Reply.list(connection.command(word("SCAN"), cursor, word("COUNT"), word(PAGE_KEYS)));
      cursor = (byte[]) Objects.requireNonNull(page.getFirst());
      for (@Nullable Object key : Reply.list(page.get(1))) {
        byte[] name = (byte[]) Objects.requireNonNull(key);
        if (meant(database, ByteBuffer.wrap(name))) {
          take(connection, name);
        }
      }
    } while (!Arrays.equals(cursor, START));
  }

  private boolean meant(int database, ByteBuffer name) {
    return request.options().selection().selectsName(database, name)
        && Arrays.binarySearch(positions, hasher.position(database, name)) < 0;
  }

  private void take(ServerConnection connection, byte[] name) {
    if (delete) {
      keys += Reply.number(connection.command(word("UNLINK"), name));
    } else {
      // SCAN may tell a key twice: a plan may say too much, never too little.
      keys++;
    }
    if (examples.size() < MOST_EXAMPLES) {
      examples.add(Printable.of(ByteBuffer.wrap(name)));
    }
  }

  private static byte[] word(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
