package io.ringkeep.repository.log;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Which shard of a cluster served which slots, as the archiver saw it.
///
/// @param format of this record, [#FORMAT]
/// @param since when the cluster was last seen otherwise; the change lies between then and `time`
/// @param time when it was first seen so, by the clocks of its primaries
/// @param shards that have a log, those that serve nothing included
/// @param moves slots on their way from one shard to another
public record SlotMap(
    int format, Instant since, Instant time, List<MappedShard> shards, List<Move> moves) {
  /// The only format so far.
  public static final int FORMAT = 1;

  /// A shard.
  ///
  /// @param log name of its log, which it keeps over failovers
  /// @param node id of its primary
  /// @param replid history that its primary writes
  /// @param members node ids of its primary and its replicas
  /// @param slots such as `0-5460,9000`; empty if it serves none
  public record MappedShard(
      String log, String node, String replid, List<String> members, String slots) {
    public MappedShard {
      members = List.copyOf(members);
    }

    /// Whether it serves any slot.
    public boolean serves() {
      return !slots.isEmpty();
    }
  }

  /// Slots that are being moved.
  ///
  /// @param slots such as `0-5460`
  /// @param from log of the shard that still owns them
  /// @param to log of the shard that takes them
  public record Move(String slots, String from, String to) {}

  public SlotMap {
    shards = List.copyOf(shards);
    moves = List.copyOf(moves);
  }

  /// The shard whose log has this name, if it is there.
  public Optional<MappedShard> shard(String log) {
    return shards.stream().filter(shard -> shard.log().equals(log)).findFirst();
  }

  /// Whether both show the same, whenever they were seen.
  public boolean showsTheSameAs(SlotMap other) {
    return shards.equals(other.shards) && moves.equals(other.moves);
  }
}
