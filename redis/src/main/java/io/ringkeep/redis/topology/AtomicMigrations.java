package io.ringkeep.redis.topology;

import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.Reply;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.topology.Topology.SlotMove;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Slots that Valkey 9 is moving as a whole (`CLUSTER MIGRATESLOTS`), which `CLUSTER NODES` does
/// not show.
///
/// A job stays listed long after its end. Source: `clusterCommandGetSlotMigrations` in Valkey's
/// `cluster_migrateslots.c`.
final class AtomicMigrations {
  private static final Set<String> ENDED = Set.of("success", "failed", "canceled", "cancelled");

  private AtomicMigrations() {}

  /// Those that this server takes part in.
  static List<SlotMove> running(ServerConnection connection, EngineVersion engine) {
    return engine.hasAtomicSlotMigration()
        ? parse(connection.command("CLUSTER", "GETSLOTMIGRATIONS"))
        : List.of();
  }

  static List<SlotMove> parse(@Nullable Object reply) {
    List<SlotMove> moves = new ArrayList<>();
    for (Object job : Reply.list(reply)) {
      Map<String, String> fields = Reply.textMap(job);
      if (!ENDED.contains(fields.getOrDefault("state", ""))) {
        for (String range : fields.getOrDefault("slot_ranges", "").split(" ", -1)) {
          moves.add(
              new SlotMove(
                  SlotRange.parse(range),
                  fields.getOrDefault("source_node", ""),
                  fields.getOrDefault("target_node", ""),
                  /* whole= */ true));
        }
      }
    }
    return moves;
  }
}
