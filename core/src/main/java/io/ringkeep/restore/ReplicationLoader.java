package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerError;
import io.ringkeep.redis.replication.PrimaryLink;
import io.ringkeep.redis.replication.PrimarySession;
import io.ringkeep.redis.replication.RdbForm;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import io.ringkeep.task.Shielded;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/// Loads a snapshot into one server by being its primary for a while.
final class ReplicationLoader {
  /*
   * The target is told REPLICAOF us, dials us, receives an RDB and acknowledges it. While it is still a replica it
   * expires nothing by itself, so what it holds can be read back and compared to the last record. Then it is
   * promoted, and drops what is past its TTL.
   *
   * Until the RDB is complete a target with disk-based loading keeps its old data: a cut link costs nothing.
   */
  private static final Duration DIAL = Duration.ofSeconds(20);
  private static final Duration PROMOTION = Duration.ofSeconds(30);

  /// A server that nobody answers at for so long is taken for dead.
  private static final Duration GONE = Duration.ofSeconds(3);

  private static final long PAUSE_MILLIS = 100;

  private final Repository repository;
  private final Manifest manifest;
  private final List<SlotRange> slots;
  private final Endpoint target;
  private final ConnectionOptions options;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;
  private final Consumer<String> left;

  /// @param left told what could not be put back
  ReplicationLoader(
      Repository repository,
      Manifest manifest,
      List<SlotRange> slots,
      Endpoint target,
      ConnectionOptions options,
      Deadline deadline,
      Clock clock,
      Progress progress,
      Consumer<String> left) {
    this.repository = repository;
    this.manifest = manifest;
    this.slots = slots;
    this.target = target;
    this.options = options;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
    this.left = left;
  }

  /// Loads, reads back if `proof` asks for it, promotes.
  ///
  /// @param version what the RDB is written as; the target takes it
  /// @param advertised the address of this host that the target dials
  /// @param tail what follows the snapshot
  /// @throws BackupException.Unavailable if the target does not dial, or dies, or does not become a
  ///   primary again
  /// @throws BackupException.TargetRefused if it holds more than its `maxmemory` now
  /// @throws BackupException.CorruptData if what the target holds is not the snapshot
  Restore.Loaded load(
      RdbVersion version, InetAddress advertised, boolean empty, Proof proof, Optional<Tail> tail)
      throws IOException {
    try (ServerConnection server = ServerConnection.open(target, options);
        TargetSettings _ =
            TargetSettings.set(
                server,
                "repl-diskless-load",
                empty ? "on-empty-db" : "disabled",
                "the target writes the RDB to its disk before it loads it",
                progress,
                left);
        PrimaryLink link = PrimaryLink.listen(advertised, dialler())) {
      Restore.Loaded loaded;
      try {
        server.command("REPLICAOF", advertised.getHostAddress(), Integer.toString(link.port()));
        loaded = feed(link, server, version, proof, tail);
      } catch (IOException | RuntimeException e) {
        promoteAfter(e);
        throw e;
      }
      Shielded.run(this::promote);
      return loaded;
    }
  }

  private void promoteAfter(Exception failure) {
    try {
      Shielded.run(this::promote);
    } catch (BackupException e) {
      left.accept(e.getMessage() + ": " + e.hint().orElse(""));
      failure.addSuppressed(e);
    }
  }

  /// As a replica it evicts nothing; promoted, it would drop what does not fit.
  private void requireRoom(ServerConnection server) {
    Map<String, String> memory = server.info("memory");
    long limit = Long.parseLong(memory.getOrDefault("maxmemory", "0"));
    long used = Long.parseLong(memory.getOrDefault("used_memory", "0"));
    if (limit > 0 && used > limit) {
      throw new BackupException.TargetRefused(
          "what was loaded takes more than the target's maxmemory: server=%s usedBytes=%d maxmemoryBytes=%d"
              .formatted(target, used, limit),
          "it drops keys by its maxmemory-policy now; raise maxmemory there and restore again");
    }
  }

  private Restore.Loaded feed(
      PrimaryLink link,
      ServerConnection server,
      RdbVersion version,
      Proof proof,
      Optional<Tail> tail)
      throws IOException {
    try (PrimarySession session = link.accept(deadline.leftUpTo(DIAL));
        Progress.Task task =
            progress.begin("target " + target, OptionalLong.of(manifest.bytes()))) {
      task.phase("sending");
      long startNanos = System.nanoTime();
      SnapshotFeed.Check check =
          switch (proof) {
            case TARGET -> SnapshotFeed.Check.COUNTS;
            case STREAM -> SnapshotFeed.Check.FINGERPRINTS;
          };
      SnapshotRdb rdb = new SnapshotRdb(repository, manifest, slots, version, check, clock, task);
      session.sendRdb(RdbForm.EOF_MARK, rdb::writeTo);
      task.phase("waiting until the target has loaded");
      session.awaitLoaded(deadline.left());
      Duration load = Duration.ofNanos(System.nanoTime() - startNanos);
      boolean proven = proof == Proof.TARGET && readBack(rdb.fed().digests());
      if (tail.isPresent()) {
        task.phase("replaying the log");
        tail.get().replay(session, server, deadline);
      }
      requireRoom(server);
      return new Restore.Loaded(rdb.fed(), load, proven);
    }
  }

  private boolean readBack(SlotDigests expected) throws IOException {
    try {
      SlotDigests held = new SlotDigests();
      TargetProof.read(
          target,
          options,
          repository.hashKey(),
          deadline,
          clock,
          progress,
          left,
          Optional.empty(),
          held);
      TargetProof.requireEqual(manifest, expected, held);
      return true;
    } catch (BackupException.AccessDenied e) {
      progress.note("the target can't be read back: " + e.getMessage());
      TargetProof.checkSnapshotInstead(repository, manifest, slots, clock, progress);
      return false;
    }
  }

  private Set<InetAddress> dialler() throws IOException {
    return Set.of(InetAddress.getAllByName(target.host()));
  }

  /// Makes the target a primary again. While it loads it answers `LOADING`, so this asks until it
  /// obeys.
  ///
  /// @throws BackupException.Unavailable if it does not
  private void promote() {
    long start = System.nanoTime();
    long reached = start;
    boolean waiting = false;
    while (true) {
      try (ServerConnection server = ServerConnection.open(target, options)) {
        reached = System.nanoTime();
        server.command("REPLICAOF", "NO", "ONE");
        return;
      } catch (BackupException | ServerError e) {
        long now = System.nanoTime();
        if (now - start > PROMOTION.toNanos() || now - reached > GONE.toNanos()) {
          throw new BackupException.Unavailable(
              "the target is still a replica: target=%s reason=%s"
                  .formatted(target, e.getMessage()),
              "run 'REPLICAOF NO ONE' there",
              e);
        }
        if (!waiting) {
          waiting = true;
          progress.note(
              "waiting until %s can be made a primary again: %s".formatted(target, e.getMessage()));
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      throw new BackupException.Unavailable(
          "interrupted twice", "run 'REPLICAOF NO ONE' on the target", e);
    }
  }
}
