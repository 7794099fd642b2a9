package io.ringkeep.recover;

import io.ringkeep.history.Base;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.Stretch;
import java.io.IOException;
import java.util.Optional;

/// A shard's log and where it is cut.
public record ShardCut(ShardLog log, Cut cut) {
  /// The same in the log as it is now: its segments may have been merged since it was found.
  ///
  /// @throws NotFound if what it takes was forgotten
  /// @throws CorruptData if something of what it takes was found damaged
  ShardCut again() throws IOException {
    Base base = cut.base();
    for (Stretch stretch : log.stretches()) {
      if (stretch.holds(cut.stretch().replidAt(cut.offset()), cut.offset())
          && stretch.holds(base.shard().replid(), base.offset())) {
        return new ShardCut(log, cut.on(stretch));
      }
    }
    Optional<String> damage = log.damageBetween(base.offset(), cut.offset());
    if (damage.isPresent()) {
      throw new CorruptData(
          "the log is not whole between the moment and the snapshot before it: shard=%s %s"
              .formatted(cut.shard(), damage.get()),
          "'status' shows what can be restored",
          null);
    }
    throw new NotFound(
        "this moment was forgotten since it was chosen: shard=%s offset=%d"
            .formatted(cut.shard(), cut.offset()),
        "'status' shows what can be restored");
  }

  /// Whether slots may have come to the shard as a whole by then: its server knows how.
  public boolean mayHaveWholeMoves() throws IOException {
    return EngineVersion.named(RollForward.lastSegment(this).engine()).hasAtomicSlotMigration();
  }

  /// Bytes of the log that are replayed.
  public long logBytes() {
    return cut.offset() - cut.base().offset();
  }
}
