package io.ringkeep.placement;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.util.List;

/// What a draft takes over from the last table.
final class Inheritance {
  private static final int GONE = -1;

  private final TableDraft draft;
  private final List<StorageNode> lastNodes;
  private final int[][] lastRows;
  private final boolean split;

  /// Index in the draft of each node of the last table, or [#GONE].
  private final int[] now;

  /// @param split whether rows beyond the last table's are copies of those that they split from
  Inheritance(TableDraft draft, List<StorageNode> lastNodes, int[][] lastRows, boolean split) {
    this.draft = draft;
    this.lastNodes = lastNodes;
    this.lastRows = lastRows;
    this.split = split;
    List<String> ids = draft.nodes.stream().map(StorageNode::id).toList();
    this.now = lastNodes.stream().mapToInt(node -> ids.indexOf(node.id())).toArray();
  }

  /// Puts every piece back whose node is active, then vacates where more share a zone than may.
  void keep() {
    for (int group = 0; group < draft.picks.length; group++) {
      int[] old = oldRow(group);
      for (int position = 0; position < Math.min(old.length, width()); position++) {
        int node = now[old[position]];
        if (node != GONE && draft.nodes.get(node).active()) {
          draft.put(group, position, node);
        }
      }
    }
    for (int group = 0; group < draft.picks.length; group++) {
      for (int crowded = mostCrowded(group); crowded >= 0; crowded = mostCrowded(group)) {
        draft.vacate(group, crowded);
      }
    }
  }

  /// Leaves what is still vacant where it was.
  ///
  /// @throws InvalidRequest if that node is no longer named, or there never was one
  void leaveUnplaced() {
    for (int group = 0; group < draft.picks.length; group++) {
      int[] old = oldRow(group);
      for (int position = 0; position < width(); position++) {
        if (draft.picks[group][position] == TableDraft.VACANT) {
          if (position >= old.length) {
            throw tooFew("the new pieces");
          }
          int node = now[old[position]];
          if (node == GONE) {
            throw tooFew("pieces of node " + lastNodes.get(old[position]).id());
          }
          draft.put(group, position, node);
          draft.moved[group][position] = false;
        }
      }
    }
  }

  private InvalidRequest tooFew(String what) {
    return new InvalidRequest(
        "too few nodes for %s: pieces=%d active nodes=%d"
            .formatted(what, width(), draft.shares.activeNodes()),
        "add a node first: each piece of an object needs a node of its own");
  }

  /// The position to vacate when a zone holds too much of a group: that of the node which is
  /// furthest above its share; -1 if all is well.
  private int mostCrowded(int group) {
    int crowded = -1;
    double most = 0;
    for (int position = 0; position < width(); position++) {
      int node = draft.picks[group][position];
      if (node != TableDraft.VACANT && draft.zoneCount(group, node) > draft.shares.zoneLimit()) {
        double excess = draft.load[node] - draft.shares.of(node) * draft.picks.length;
        if (crowded < 0 || excess > most) {
          crowded = position;
          most = excess;
        }
      }
    }
    return crowded;
  }

  private int[] oldRow(int group) {
    if (group < lastRows.length) {
      return lastRows[group];
    }
    return split && lastRows.length > 0 ? lastRows[group % lastRows.length] : new int[0];
  }

  private int width() {
    return draft.picks.length == 0 ? 0 : draft.picks[0].length;
  }
}
