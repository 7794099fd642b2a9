package io.ringkeep.simulate;

import io.ringkeep.placement.PlacementTable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/// Nodes that fail on their own and are whole again after a while, on the product's own table.
final class Failures {
  private final int[][] groups;
  private final List<List<Integer>> groupsOfNode = new ArrayList<>();
  private final int tolerated;
  private final int nodeCount;

  Failures(PlacementTable table) {
    this.groups = table.groups();
    this.tolerated = table.strategy().toleratedLosses();
    this.nodeCount = table.nodes().size();
    for (int node = 0; node < nodeCount; node++) {
      groupsOfNode.add(new ArrayList<>());
    }
    for (int group = 0; group < groups.length; group++) {
      for (int node : groups[group]) {
        groupsOfNode.get(node).add(group);
      }
    }
  }

  /// Lets so many failures happen.
  ///
  /// @param life mean seconds until a node fails
  /// @param downFor seconds until it is whole again
  /// @return losses a second
  double lossesPerSecond(int failures, double life, double downFor, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Events events = new Events();
    BitSet down = new BitSet();
    int[] left = {failures};
    int[] losses = {0};
    double[] last = {0};
    for (int node = 0; node < nodeCount; node++) {
      int failing = node;
      events.after(
          life(random, life),
          new Runnable() {
            @Override
            public void run() {
              if (left[0] == 0) {
                return;
              }
              left[0]--;
              last[0] = events.now();
              down.set(failing);
              losses[0] += down.cardinality() > tolerated && loses(failing, down) ? 1 : 0;
              events.after(
                  downFor,
                  () -> {
                    down.clear(failing);
                    events.after(life(random, life), this);
                  });
            }
          });
    }
    events.run();
    return losses[0] / last[0];
  }

  private static double life(SplittableRandom random, double mean) {
    return -mean * Math.log(1 - random.nextDouble());
  }

  private boolean loses(int failing, BitSet down) {
    for (int group : groupsOfNode.get(failing)) {
      int gone = 0;
      for (int node : groups[group]) {
        gone += down.get(node) ? 1 : 0;
      }
      if (gone > tolerated) {
        return true;
      }
    }
    return false;
  }

  /// Part of all groups that are lost when one node more than tolerated dies at once, the mean of
  /// so many throws.
  double lostPart(int throwCount, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long lost = 0;
    for (int i = 0; i < throwCount; i++) {
      BitSet down = new BitSet();
      while (down.cardinality() <= tolerated) {
        down.set(random.nextInt(nodeCount));
      }
      for (int[] group : groups) {
        int gone = 0;
        for (int node : group) {
          gone += down.get(node) ? 1 : 0;
        }
        lost += gone > tolerated ? 1 : 0;
      }
    }
    return (double) lost / throwCount / groups.length;
  }
}
