package io.ringkeep.placement;

import io.ringkeep.placement.Strategy.Copies;
import io.ringkeep.placement.Strategy.Erasure;
import io.ringkeep.placement.Strategy.Sharded;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Whether a strategy can work on some nodes, with the arithmetic.
///
/// @param errors why it can't: nothing is placed as long as there is one
/// @param warnings what works, but not as one might expect
public record Feasibility(List<String> errors, List<String> warnings) {
  private static final double ROUNDING = 1e-9;
  private static final double NOTABLE = 0.05;
  private static final int MANY_PIECES = 16;

  public Feasibility {
    errors = List.copyOf(errors);
    warnings = List.copyOf(warnings);
  }

  /// Judges `strategy` on the active ones of `nodes`.
  public static Feasibility of(List<StorageNode> nodes, Strategy strategy) {
    List<StorageNode> active = nodes.stream().filter(StorageNode::active).toList();
    Judge judge = new Judge(active, strategy);
    judge.ids(nodes);
    if (active.isEmpty()) {
      judge.errors.add("no node is active");
    } else if (strategy instanceof Sharded) {
      judge.ranges();
    } else if (active.size() < strategy.width()) {
      judge.tooFewNodes();
    } else {
      judge.weights();
      judge.zones();
      judge.spares();
      judge.redundancy();
    }
    return new Feasibility(judge.errors, judge.warnings);
  }

  /// True if nothing stands against it.
  public boolean feasible() {
    return errors.isEmpty();
  }

  private static final class Judge {
    private final List<StorageNode> active;
    private final Strategy strategy;
    private final int width;
    private final double weight;
    private final Shares shares;
    private final List<String> errors = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    Judge(List<StorageNode> active, Strategy strategy) {
      this.active = active;
      this.strategy = strategy;
      this.width = strategy.width();
      this.weight = active.stream().mapToDouble(StorageNode::weight).sum();
      this.shares = new Shares(active, strategy instanceof Sharded ? 1 : width);
    }

    void ids(List<StorageNode> nodes) {
      Set<String> seen = new HashSet<>();
      for (StorageNode node : nodes) {
        if (!seen.add(node.id())) {
          errors.add("two nodes have the id %s: each needs its own".formatted(node.id()));
        }
      }
    }

    void ranges() {
      for (int i = 0; i < active.size(); i++) {
        double ranges = shares.of(i) * width;
        if (ranges < 1 - ROUNDING) {
          warnings.add(
              "%s has %d ranges for %d nodes: the share of node %s is %s of a range, so it holds one or none; use shard:%d or more to give every node some"
                  .formatted(
                      strategy,
                      width,
                      active.size(),
                      active.get(i).id(),
                      number(ranges),
                      leastShards()));
          return;
        }
      }
      for (int i = 0; i < active.size(); i++) {
        double ranges = shares.of(i) * width;
        if (Math.abs(ranges - Math.rint(ranges)) > NOTABLE * ranges) {
          warnings.add(
              "node %s should hold %s of %d ranges and can only hold whole ones: more ranges follow the weights more closely"
                  .formatted(active.get(i).id(), number(ranges), width));
          return;
        }
      }
    }

    private int leastShards() {
      double least = active.stream().mapToDouble(StorageNode::weight).min().orElse(weight);
      return (int) Math.ceil(weight / least - ROUNDING);
    }

    void tooFewNodes() {
      String instead = instead();
      errors.add(
          "%s puts %d pieces on %d different nodes, and %d %s active: add %d%s"
              .formatted(
                  strategy,
                  width,
                  width,
                  active.size(),
                  active.size() == 1 ? "is" : "are",
                  width - active.size(),
                  instead.isEmpty() ? "" : ", or use " + instead));
    }

    private String instead() {
      if (strategy instanceof Erasure erasure && active.size() - erasure.parity() >= 2) {
        return "erasure:%d+%d".formatted(active.size() - erasure.parity(), erasure.parity());
      }
      return "copy:" + Math.min(active.size(), strategy.toleratedLosses() + 1);
    }

    /// width · w ÷ W above 1 asks for more than one piece of an object on one node.
    void weights() {
      for (StorageNode node : active) {
        double share = width * node.weight() / weight;
        if (share > 1 + ROUNDING) {
          errors.add(
              "node %s has weight %s of %s: its share of the %d pieces of each object is %d × %s ÷ %s = %s, and it may hold one; its weight may be %s at most beside the others"
                  .formatted(
                      node.id(),
                      number(node.weight()),
                      number(weight),
                      width,
                      width,
                      number(node.weight()),
                      number(weight),
                      number(share),
                      number((weight - node.weight()) / (width - 1))));
        }
      }
    }

    void zones() {
      int zones = shares.zones().size();
      int limit = shares.zoneLimit();
      int tolerated = strategy.toleratedLosses();
      if (zones == 1 && active.size() > 1) {
        warnings.add(
            "all nodes stand in zone %s: if it fails, all is lost; %s survives the loss of %s"
                .formatted(active.get(0).zone(), strategy, count(tolerated, "node")));
      } else if (limit > tolerated && tolerated > 0) {
        errors.add(
            "%s puts %d pieces into %d zones, so up to %d into one, and survives the loss of %d: the failure of one zone could lose data; add zones until there are %d, or name none"
                .formatted(
                    strategy, width, zones, limit, tolerated, (width + tolerated - 1) / tolerated));
      } else if (limit > 1) {
        warnings.add(
            "%s puts %d pieces into %d zones, so up to %d into one: the failure of a zone takes up to %d of the %d pieces that may be lost"
                .formatted(strategy, width, zones, limit, limit, tolerated));
      }
      for (Map.Entry<String, List<Integer>> zone : shares.zones().entrySet()) {
        zone(zone.getKey(), zone.getValue(), limit);
      }
    }

    /// A zone whose weight asks for more pieces of an object than it may hold.
    private void zone(String name, List<Integer> members, int limit) {
      double zoneWeight = members.stream().mapToDouble(i -> active.get(i).weight()).sum();
      double asked = width * zoneWeight / weight;
      int held = Math.min(limit, members.size());
      if (members.size() > 1 && asked > held * (1 + NOTABLE)) {
        warnings.add(
            "zone %s has weight %s of %s: its share of the %d pieces of each object is %s, and it may hold %d; its nodes hold %.0f %% less than their weights say, the others more"
                .formatted(
                    name,
                    number(zoneWeight),
                    number(weight),
                    width,
                    number(asked),
                    held,
                    100 * (1 - held / asked)));
      }
    }

    void spares() {
      if (active.size() == width && width > 1) {
        warnings.add(
            "%s uses all %d nodes for each object: what a lost node held can be rebuilt only after another has joined"
                .formatted(strategy, width));
      } else if (shares.zones().size() == width && width > 1) {
        warnings.add(
            "%s uses all %d zones for each object: what a lost zone held shares a zone with other pieces until another has joined"
                .formatted(strategy, width));
      }
    }

    void redundancy() {
      if (strategy instanceof Copies copies && copies.copies() == 1) {
        warnings.add("copy:1 keeps each object once: what a lost node held is lost");
      }
      if (strategy instanceof Erasure erasure && erasure.parity() == 1) {
        warnings.add(
            strategy
                + " survives one loss, and none while that is being repaired: M of 2 is safer");
      }
      if (width > MANY_PIECES) {
        warnings.add(
            "%s touches %d nodes for each object: above %d pieces the slowest node sets the pace"
                .formatted(strategy, width, MANY_PIECES));
      }
    }

    private static String count(int count, String noun) {
      return count + " " + noun + (count == 1 ? "" : "s");
    }

    private static String number(double value) {
      String text = String.format(Locale.ROOT, "%.2f", value);
      return text.endsWith(".00") ? text.substring(0, text.length() - 3) : text;
    }
  }
}
