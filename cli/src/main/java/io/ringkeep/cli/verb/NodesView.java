package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Table;
import io.ringkeep.cli.text.Text;
import io.ringkeep.nodes.NodeCare;
import io.ringkeep.nodes.NodeCensus;
import io.ringkeep.nodes.NodeInfo;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.place.NodeDifferences;
import io.ringkeep.place.RepositoryPlace;
import io.ringkeep.placement.StorageNode;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Storage nodes as `nodes list` and `status` show them.
///
/// @param healthy whether nothing needs attention
/// @param strategy of what is written now
/// @param epoch number of the newest decision about the nodes
/// @param decides the node that decides what is committed
/// @param readOnlyBecause why nothing can be written; absent if it can
/// @param objects that lie in pieces
/// @param degraded how many of them lack a piece
/// @param degradedCopies objects in copies that lack a copy
/// @param misplaced pieces on another node than they belong to
/// @param lost objects of which too little is left
/// @param survives how many more nodes, whichever, may be lost without losing data
/// @param fatal the smallest sets of nodes whose loss would lose data, 20 at most
/// @param survivesZones the same for zones
/// @param fatalZones the same for zones
/// @param unlisted nodes that could not be listed, and why: what they hold is not counted
/// @param working who repairs or rebalances now; absent if nobody does
/// @param nodes all of them
/// @param differences where the file of settings and the recorded table disagree
@JsonInclude(JsonInclude.Include.NON_NULL)
record NodesView(
    boolean healthy,
    String strategy,
    int epoch,
    String decides,
    @Nullable String readOnlyBecause,
    long objects,
    long degraded,
    long degradedCopies,
    long misplaced,
    List<String> lost,
    int survives,
    List<List<String>> fatal,
    int survivesZones,
    List<List<String>> fatalZones,
    Map<String, String> unlisted,
    NodeCare.@Nullable Worker working,
    List<NodeView> nodes,
    List<String> differences) {

  /// One node.
  ///
  /// @param state `active`, `draining` or `lost`, as the table has it
  /// @param condition `ok` or what is wrong with it
  /// @param why the reason; absent if nothing is wrong
  /// @param freeBytes that can still be written there; absent if the place does not tell
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record NodeView(
      String id,
      String state,
      String condition,
      @Nullable String why,
      String zone,
      String tier,
      double weight,
      String location,
      boolean hasCopies,
      long pieces,
      long pieceBytes,
      long copies,
      long copyBytes,
      @Nullable Long freeBytes) {
    static NodeView of(NodeInfo info, NodeCensus census) {
      StorageNode node = info.node();
      NodeCensus.Use use = census.use(node);
      return new NodeView(
          node.id(),
          Choices.word(node.state()),
          Choices.word(info.condition()),
          info.why().isEmpty() ? null : info.why(),
          node.zone(),
          Choices.word(node.tier()),
          node.weight(),
          info.location(),
          info.hasCopies(),
          use.pieces(),
          use.pieceBytes(),
          use.copies(),
          use.copyBytes(),
          use.freeBytes().isPresent() ? use.freeBytes().getAsLong() : null);
    }

    boolean wellOrLeaving() {
      return condition.equals("ok") || state.equals("lost");
    }
  }

  /// Looks at all nodes.
  ///
  /// @param needed names of data objects that must be there; empty if nobody knows
  static NodesView of(
      PlacedStore store, RepositoryPlace place, Clock clock, Collection<String> needed)
      throws IOException {
    NodeCensus census = NodeCensus.take(store, needed);
    List<NodeView> nodes = store.nodes().stream().map(info -> NodeView.of(info, census)).toList();
    List<String> differences = NodeDifferences.of(store, place);
    boolean healthy =
        store.readOnlyBecause().isEmpty()
            && census.degraded() == 0
            && census.degradedCopies() == 0
            && census.unlisted().isEmpty()
            && census.lost().isEmpty()
            && nodes.stream().allMatch(NodeView::wellOrLeaving)
            && differences.isEmpty();
    return new NodesView(
        healthy,
        store.strategy().toString(),
        store.epoch(),
        store.nodes().stream()
            .filter(NodeInfo::decides)
            .map(info -> info.node().id())
            .findFirst()
            .orElse("none"),
        store.readOnlyBecause().orElse(null),
        census.objects(),
        census.degraded(),
        census.degradedCopies(),
        census.misplaced(),
        census.lost(),
        census.survival().any(),
        census.survival().fatal(),
        census.zones().any(),
        census.zones().fatal(),
        census.unlisted(),
        NodeCare.working(store, clock).orElse(null),
        nodes,
        differences);
  }

  /// For people: the sum first, what is wrong next, then every node.
  List<String> text() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s: %s, %s, epoch %d, %s decides what is committed"
            .formatted(
                healthy ? "healthy" : "NEEDS ATTENTION",
                strategy,
                Text.count(nodes.size(), "node"),
                epoch,
                decides));
    lines.add("  " + survival());
    if (readOnlyBecause != null) {
      lines.add("  nothing can be written: " + readOnlyBecause);
    }
    if (!lost.isEmpty()) {
      String away = mayComeBack();
      lines.add(
          (away.isEmpty()
                  ? "  LOST: %s, of which too few pieces are left: 'verify' says what that affects"
                  : "  OUT OF REACH: %s, of which too few pieces are left: bring back " + away)
              .formatted(Text.count(lost.size(), "object")));
    }
    unlisted.forEach(
        (node, why) -> lines.add("  unknown: what node %s holds: %s".formatted(node, why)));
    if (degraded > 0) {
      lines.add(
          "  degraded: %s of %s: 'nodes repair' makes them anew"
              .formatted(Text.count(degraded), Text.count(objects, "object")));
    }
    if (degradedCopies > 0) {
      lines.add(
          "  degraded: %s beside data lack a copy: 'nodes repair' copies them"
              .formatted(Text.count(degradedCopies, "object")));
    }
    if (misplaced > 0) {
      lines.add(
          "  %s not where they belong: 'nodes rebalance' moves them"
              .formatted(Text.count(misplaced, "piece")));
    }
    if (working != null) {
      lines.add(
          "  at work: %s by process %d on %s since %s"
              .formatted(
                  working.purpose(), working.pid(), working.host(), Text.time(working.since())));
    }
    differences.forEach(difference -> lines.add("  differs: " + difference));
    Table table =
        new Table(
            "NODE", "STATE", "ZONE", "TIER", ">WEIGHT", ">PIECES", ">STORED", ">COPIES", ">FREE",
            "WHERE");
    for (NodeView node : nodes) {
      table.row(
          node.id(),
          node.condition().equals("ok") || node.state().equals("lost")
              ? node.state()
              : node.condition(),
          node.zone(),
          node.tier(),
          number(node.weight()),
          Text.count(node.pieces()),
          ByteSize.format(node.pieceBytes() + node.copyBytes()),
          Text.count(node.copies()),
          node.freeBytes() == null ? "-" : ByteSize.format(node.freeBytes()),
          node.location());
    }
    lines.addAll(table.lines());
    for (NodeView node : nodes) {
      if (node.why() != null) {
        lines.add("  node %s: %s".formatted(node.id(), node.why()));
      }
    }
    return lines;
  }

  /// Nodes that may still have what is missing.
  private String mayComeBack() {
    return Stream.concat(
            nodes.stream()
                .filter(node -> node.condition().equals("away") && !node.state().equals("lost"))
                .map(NodeView::id),
            unlisted.keySet().stream())
        .collect(Collectors.joining(", "));
  }

  private String survival() {
    if (objects == 0) {
      return lost.isEmpty() ? "no data is stored" : "nothing is left of the data";
    }
    String first =
        survives == 0
            ? "no node may be lost"
            : "any %s may be lost without losing data".formatted(Text.count(survives, "more node"));
    return fatal.isEmpty()
        ? first
        : first
            + "; losing one of these would: "
            + fatal.stream()
                .limit(6)
                .map(set -> String.join("+", set))
                .collect(Collectors.joining(" "))
            + (fatal.size() > 6 ? " …" : "");
  }

  static String number(double weight) {
    return Double.toString(weight).replaceFirst("\\.0$", "");
  }
}
