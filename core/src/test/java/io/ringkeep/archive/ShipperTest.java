package io.ringkeep.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.Incremental;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.memory.MemoryStore;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What of a spool goes where in a log that others have written to.
class ShipperTest {
  private static final String BEFORE = "a".repeat(40);
  private static final String AFTER = "b".repeat(40);
  private static final String SET = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
  private static final long STEP = SET.length();

  @TempDir private Path folder;

  static ArchiveRequest request(Path folder, Optional<ArchiveRequest.Synthetic> synthetic) {
    return new ArchiveRequest(
        new BackupRequest(
            "orders",
            RedisUri.parse("redis://127.0.0.1:1"),
            ConnectionOptions.DEFAULT,
            SourcePolicy.PREFER_REPLICA,
            Duration.ofSeconds(10),
            1,
            OptionalLong.empty(),
            Duration.ofMinutes(1),
            /* adopt= */ false,
            new Incremental(/* full= */ false, /* acceptCollapse= */ false, folder)),
        folder,
        1 << 20,
        Duration.ofMillis(50),
        Duration.ofMillis(200),
        1 << 20,
        /* takeBase= */ true,
        synthetic);
  }

  static Repository repository(ObjectStore store) throws IOException {
    return Repository.init(
        store,
        InitOptions.encrypted(),
        Optional.of(Passphrase.of("correct horse")),
        Clock.systemUTC());
  }

  private static SpoolHead head(String replid, long start, Optional<String> continues) {
    return new SpoolHead(replid, start, 0, continues, Optional.empty(), "Redis 7.0.15");
  }

  private static void append(Spool spool, int count) throws IOException {
    long end = spool.reached().orElseThrow().offset();
    for (int i = 1; i <= count; i++) {
      spool.append(ByteBuffer.wrap(SET.getBytes(US_ASCII)), 5);
      spool.boundary(end + i * STEP, 0);
    }
    spool.flush();
  }

  private void ship(Repository repository, Spool spool) throws IOException {
    ShardLog log = repository.log("orders", "0");
    Shipper shipper =
        new Shipper(
            repository,
            log,
            "archive-orders-0",
            repository.leases().acquire("archive-orders-0", "archive"),
            request(folder, Optional.empty()),
            spool,
            new ArchiveStatus("orders", "0"),
            Clock.systemUTC(),
            Progress.silent());
    assertThat(shipper.ship()).isTrue();
    shipper.close();
  }

  /// The other one has stored the same bytes and followed a failover: nothing is missing.
  @Test
  void ship_whatAnotherHasStoredBeforeAFailover_declaresNoGap() throws IOException {
    try (Repository repository = repository(new MemoryStore());
        Spool ours = Spool.open(folder.resolve("ours"), 1 << 20);
        Spool theirs = Spool.open(folder.resolve("theirs"), 1 << 20)) {
      theirs.begin(head(BEFORE, 1_000, Optional.empty()));
      append(theirs, 3);
      theirs.begin(head(AFTER, 1_000 + 3 * STEP, Optional.of(BEFORE)));
      append(theirs, 2);
      ship(repository, theirs);

      ours.begin(head(BEFORE, 1_000 + STEP, Optional.empty()));
      append(ours, 2);
      ours.begin(head(AFTER, 1_000 + 3 * STEP, Optional.of(BEFORE)));
      append(ours, 4);
      ship(repository, ours);

      ShardLog.Contents log = repository.log("orders", "0").contents();
      assertThat(log.gaps()).isEmpty();
      assertThat(log.stretches()).hasSize(1);
      assertThat(log.stretches().getFirst().end()).isEqualTo(1_000 + 7 * STEP);
      assertThat(ours.unshippedBytes()).isZero();
    }
  }
}
