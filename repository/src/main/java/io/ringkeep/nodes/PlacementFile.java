package io.ringkeep.nodes;

import io.ringkeep.placement.PlacementTable;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.repository.json.Json;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What was decided about the nodes at one time: the checked document `placement/<epoch>.json`,
/// written once, a copy on every node.
///
/// @param nodeSet 32 hex digits, as in [NodeFile]
/// @param epoch 1 for the first, one more for each change
/// @param strategy of what is written from then on
/// @param commitNode the node that decides what exists
/// @param copies nodes that have a copy of all that does not lie in pieces, the commit node first
/// @param nodes all of them, in the order that `groups` counts them
/// @param groups for each placement group the nodes of its pieces, in order
record PlacementFile(
    int format,
    String nodeSet,
    int epoch,
    Instant created,
    String strategy,
    String commitNode,
    List<String> copies,
    List<Entry> nodes,
    List<List<Integer>> groups) {
  static final String DIRECTORY = "placement/";
  static final int FORMAT = 1;

  /// A node of the epoch.
  ///
  /// @param tier `local` or `remote`
  /// @param state `active`, `draining` or `lost`
  record Entry(String id, double weight, String zone, String tier, String state) {
    static Entry of(StorageNode node) {
      return new Entry(
          node.id(),
          node.weight(),
          node.zone(),
          node.tier().name().toLowerCase(Locale.ROOT),
          node.state().name().toLowerCase(Locale.ROOT));
    }

    StorageNode node() {
      return new StorageNode(
          id,
          weight,
          zone,
          StorageNode.Tier.valueOf(tier.toUpperCase(Locale.ROOT)),
          StorageNode.State.valueOf(state.toUpperCase(Locale.ROOT)));
    }
  }

  static PlacementFile of(
      String nodeSet,
      PlacementTable table,
      Instant created,
      String commitNode,
      List<String> copies) {
    return new PlacementFile(
        FORMAT,
        nodeSet,
        table.epoch(),
        created,
        table.strategy().toString(),
        commitNode,
        copies,
        table.nodes().stream().map(Entry::of).toList(),
        Arrays.stream(table.groups()).map(group -> Arrays.stream(group).boxed().toList()).toList());
  }

  static PlacementFile read(String key, ByteBuffer bytes) {
    return Json.readChecked(key, bytes, FORMAT, PlacementFile.class);
  }

  static String key(int epoch) {
    return String.format(Locale.ROOT, "%s%08d.json", DIRECTORY, epoch);
  }

  ByteBuffer bytes() {
    return Json.writeChecked(this);
  }

  PlacementTable table() {
    return PlacementTable.of(
        epoch,
        Strategy.parse(strategy),
        nodes.stream().map(Entry::node).toList(),
        groups.stream()
            .map(group -> group.stream().mapToInt(Integer::intValue).toArray())
            .toArray(int[][]::new));
  }
}
