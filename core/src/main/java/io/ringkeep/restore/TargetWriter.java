package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Record;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.command.Ability;
import io.ringkeep.redis.command.KeyWriter;
import io.ringkeep.redis.command.Loss;
import io.ringkeep.redis.command.LossFinder;
import io.ringkeep.redis.rdb.DumpPayload;
import io.ringkeep.redis.replication.BulkRestore;
import io.ringkeep.task.Deadline;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Clock;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// Writes records to one primary: by `RESTORE` what it takes so, as commands what it does not.
final class TargetWriter implements AutoCloseable {
  private final Endpoint endpoint;
  private final ConnectionOptions options;
  private final Ability ability;
  private final boolean replace;
  private final Clock clock;
  private final LossFinder losses;
  private final ServerConnection server;
  private final BulkRestore restore;
  private final FollowerPace pace;
  private final Deadline deadline;
  private @Nullable KeyWriter keys;
  private long sinceLook;

  TargetWriter(
      Endpoint endpoint,
      ConnectionOptions options,
      Ability ability,
      boolean replace,
      Deadline deadline,
      Clock clock) {
    this.endpoint = endpoint;
    this.options = options;
    this.ability = ability;
    this.replace = replace;
    this.clock = clock;
    this.losses = new LossFinder(ability);
    this.deadline = deadline;
    this.server = ServerConnection.open(endpoint, options);
    this.restore = BulkRestore.open(endpoint, options, BulkRestore.Options.DEFAULT);
    this.pace = new FollowerPace(server, deadline);
  }

  /// Sends a record; its buffers are free again when this returns.
  ///
  /// Payloads are stamped with the oldest RDB version that knows their type, which the most servers
  /// take.
  ///
  /// @return false if the target can't hold it at all
  boolean write(Record record) throws IOException {
    if (ability.restores(record)) {
      restore.restore(record, DumpPayload.stampFor(record.version(), record.type()), replace);
    } else {
      if (losses.losses(record).stream().anyMatch(Loss::wholeKey)) {
        return false;
      }
      if (keys == null) {
        keys = KeyWriter.open(endpoint, options, ability);
      }
      keys.write(record, replace, clock.millis());
    }
    sinceLook += record.key().remaining() + record.value().remaining();
    if (sinceLook >= FollowerPace.LOOK_EVERY_BYTES) {
      sinceLook = 0;
      look();
    }
    return true;
  }

  private void look() throws InterruptedIOException {
    try {
      deadline.check();
      pace.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the target's replicas");
    }
  }

  /// Waits until everything was answered.
  void flush() {
    restore.flush();
    if (keys != null) {
      keys.flush();
    }
  }

  /// Slots of the records that are not there, since the cluster serves them elsewhere; after
  /// [#flush].
  BitSet elsewhere() {
    BitSet slots = restore.elsewhere();
    if (keys != null) {
      slots.or(keys.elsewhere());
    }
    return slots;
  }

  /// Looks what became of the records, after [#flush].
  ///
  /// @throws BackupException.TargetRefused if a record was refused
  void requireTaken() {
    if (restore.counts().refused() > 0) {
      throw new BackupException.TargetRefused(
          "records were refused: target=%s count=%d first=%s"
              .formatted(endpoint, restore.counts().refused(), restore.failures()),
          "the others are there; restore again when the reason is gone");
    }
  }

  /// @throws BackupException.TargetRefused if a key was there that was to stay
  void requireNoneExisted() {
    long existing = restore.counts().existing() + (keys == null ? 0 : keys.existing());
    if (existing > 0) {
      throw new BackupException.TargetRefused(
          "keys appeared on the target during the restore: target=%s count=%d"
              .formatted(endpoint, existing),
          "they were left alone, the others are there; stop clients that write, and restore again");
    }
  }

  @Override
  public void close() {
    if (keys != null) {
      keys.close();
    }
    restore.close();
    server.close();
  }
}
