package io.ringkeep.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Moves pieces of a draft from nodes that hold too many to nodes that hold too few.
final class Leveler {
  /*
   * Rendezvous hashing alone leaves binomial noise, and it gives heavy nodes too little as soon as a group has more
   * than one piece: with weights 2,1,1,1,1,1 and three pieces the heavy node gets 17 % less than its share. Both are
   * put right here, against shares that are computed exactly.
   *
   * First the pieces that move anyway are dealt out until no exchange makes things more even; this costs nothing.
   * Then pieces that could stay are moved, but only to or from nodes that are further than the slack from their
   * share: a node that has just joined, or one over the cap.
   *
   * A piece goes directly, or, where no piece of the giver may stand on the taker, by way of a third node: two pieces
   * move then. Among several the one moves whose group drew the highest number for the taker, so that what moves
   * is as stable as a hash. Each step lowers the sum of squared excesses, so this ends.
   */
  private static final double ROUNDING = 1e-9;

  private final TableDraft draft;
  private final int[] active;
  private final double[] target;
  private final PieceList[] pieces;

  Leveler(TableDraft draft) {
    this.draft = draft;
    int nodes = draft.nodes.size();
    this.active =
        IntStream.range(0, nodes).filter(node -> draft.nodes.get(node).active()).toArray();
    this.target = new double[nodes];
    this.pieces = new PieceList[nodes];
    for (int node = 0; node < nodes; node++) {
      target[node] = draft.shares.of(node) * draft.picks.length;
      pieces[node] = new PieceList();
    }
    for (int group = 0; group < draft.picks.length; group++) {
      for (int position = 0; position < draft.picks[group].length; position++) {
        if (draft.picks[group][position] != TableDraft.VACANT) {
          pieces[draft.picks[group][position]].add(group, position);
        }
      }
    }
  }

  /// Spreads the pieces that have moved anyway.
  void levelMoved() {
    boolean progress = true;
    while (progress) {
      progress = false;
      boolean[] stuck = new boolean[target.length];
      for (int taker = emptiest(stuck); taker >= 0; taker = emptiest(stuck)) {
        if (take(taker, /* movedOnly= */ true)) {
          progress = true;
        } else {
          stuck[taker] = true;
        }
      }
    }
  }

  /// Moves pieces that could stay, where a node is further from its share than `slack` of it and
  /// than one piece.
  void levelAll(double slack) {
    for (int node : active) {
      double room = Math.max(1, slack * target[node]) + ROUNDING;
      if (excess(node) < -room) {
        while (excess(node) <= -0.5 && take(node, /* movedOnly= */ false)) {
          /* Until its share is reached. */
        }
      }
    }
    for (int node : active) {
      double room = Math.max(1, slack * target[node]) + ROUNDING;
      if (excess(node) > room) {
        while (excess(node) >= 0.5 && give(node)) {
          /* Until its share is reached. */
        }
      }
    }
  }

  private double excess(int node) {
    return draft.load[node] - target[node];
  }

  private int emptiest(boolean[] stuck) {
    int emptiest = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int node : active) {
      highest = Math.max(highest, excess(node));
      if (!stuck[node] && (emptiest < 0 || excess(node) < excess(emptiest))) {
        emptiest = node;
      }
    }
    return emptiest >= 0 && highest - excess(emptiest) > 1 + ROUNDING ? emptiest : -1;
  }

  /// The active nodes from which a piece may go to `taker` with gain, fullest first.
  private List<Integer> givers(int taker) {
    List<Integer> givers = new ArrayList<>();
    for (int node : active) {
      if (excess(node) - excess(taker) > 1 + ROUNDING) {
        givers.add(node);
      }
    }
    givers.sort(Comparator.comparingDouble((Integer node) -> -excess(node)).thenComparing(n -> n));
    return givers;
  }

  private boolean take(int taker, boolean movedOnly) {
    List<Integer> givers = givers(taker);
    for (int giver : givers) {
      int piece = best(giver, taker, movedOnly);
      if (piece >= 0) {
        move(giver, piece, taker);
        return true;
      }
    }
    return takeByWayOfAnother(givers, taker, movedOnly);
  }

  private boolean give(int giver) {
    List<Integer> takers = new ArrayList<>();
    for (int node : active) {
      if (excess(giver) - excess(node) > 1 + ROUNDING) {
        takers.add(node);
      }
    }
    takers.sort(Comparator.comparingDouble(this::excess).thenComparing(n -> n));
    for (int taker : takers) {
      int piece = best(giver, taker, /* movedOnly= */ false);
      if (piece >= 0) {
        move(giver, piece, taker);
        return true;
      }
    }
    for (int taker : takers) {
      if (takeByWayOfAnother(List.of(giver), taker, /* movedOnly= */ false)) {
        return true;
      }
    }
    return false;
  }

  /// One piece of a giver goes to a third node, and one of that node's to the taker. They are of
  /// two groups, since the third node holds a piece of the second and none of the first.
  private boolean takeByWayOfAnother(List<Integer> givers, int taker, boolean movedOnly) {
    int[] onward = new int[target.length];
    Arrays.fill(onward, -1);
    for (int between : active) {
      onward[between] = between == taker ? -1 : best(between, taker, movedOnly);
    }
    for (int giver : givers) {
      for (int between : active) {
        if (onward[between] >= 0 && between != giver) {
          int piece = best(giver, between, movedOnly);
          if (piece >= 0) {
            move(between, onward[between], taker);
            move(giver, piece, between);
            return true;
          }
        }
      }
    }
    return false;
  }

  /// Index in the giver's list of the piece that had best go to the taker, or -1: one that has
  /// moved already before one that could stay.
  private int best(int giver, int taker, boolean movedOnly) {
    int best = -1;
    boolean bestMoved = false;
    long bestDraw = 0;
    PieceList list = pieces[giver];
    for (int i = 0; i < list.size; i++) {
      int group = list.groups[i];
      int position = list.positions[i];
      boolean moved = draft.moved[group][position];
      if ((movedOnly || bestMoved) && !moved) {
        continue;
      }
      long draw = PlacementHash.draw(draft.nodeHashes[taker], group);
      boolean better =
          best < 0 || (moved && !bestMoved) || Long.compareUnsigned(draw, bestDraw) > 0;
      if (better && draft.fits(group, position, taker)) {
        best = i;
        bestMoved = moved;
        bestDraw = draw;
      }
    }
    return best;
  }

  private void move(int giver, int index, int taker) {
    int group = pieces[giver].groups[index];
    int position = pieces[giver].positions[index];
    pieces[giver].remove(index);
    draft.vacate(group, position);
    draft.put(group, position, taker);
    pieces[taker].add(group, position);
  }

  /// The pieces of one node, in no order.
  private static final class PieceList {
    private int[] groups = new int[16];
    private int[] positions = new int[16];
    private int size;

    void add(int group, int position) {
      if (size == groups.length) {
        groups = Arrays.copyOf(groups, 2 * size);
        positions = Arrays.copyOf(positions, 2 * size);
      }
      groups[size] = group;
      positions[size++] = position;
    }

    void remove(int index) {
      size--;
      groups[index] = groups[size];
      positions[index] = positions[size];
    }
  }
}
