package io.ringkeep.nodes;

import io.ringkeep.placement.PlacementTable;
import io.ringkeep.placement.Strategy;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where the pieces of objects go, and where they may have gone: the table of now and those before.
/// Thread-safe.
final class Placement {
  /// A data object of a run that is split by ring ranges says which one it lies in.
  private static final Pattern RANGE = Pattern.compile(".*-r([0-9]+)\\.data");

  private final List<PlacementTable> tables;
  // Of the nodes of now, for strategies of earlier epochs: made when the first such object is met.
  private final Map<Strategy, PlacementTable> ofEarlierStrategies = new ConcurrentHashMap<>();

  /// @param tables newest first
  Placement(List<PlacementTable> tables) {
    this.tables = List.copyOf(tables);
  }

  PlacementTable newest() {
    return tables.getFirst();
  }

  /// How an object is cut.
  ///
  /// @param first its first piece
  /// @param nodes ids of the nodes of its pieces, in order; with K = 1 of its copies
  record Cut(PieceName first, List<String> nodes) {}

  /// How a new object is cut.
  Cut cut(String object) {
    return cut(newest(), object);
  }

  private static Cut cut(PlacementTable table, String object) {
    List<String> picks = table.picks(object);
    return switch (table.strategy()) {
      case Strategy.Sharded sharded ->
          new Cut(PieceName.whole(object), List.of(picks.get(range(object) % sharded.shards())));
      case Strategy.Copies _ -> new Cut(PieceName.whole(object), picks);
      case Strategy.Erasure erasure ->
          new Cut(new PieceName(object, erasure.data(), erasure.parity(), 0), picks);
    };
  }

  private static int range(String object) {
    Matcher matcher = RANGE.matcher(object);
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  /// The ways in which an object may have been cut, the likeliest first.
  List<PieceName> shapes(String object) {
    Set<PieceName> shapes = new LinkedHashSet<>();
    for (PlacementTable table : tables) {
      shapes.add(cut(table, object).first());
    }
    return List.copyOf(shapes);
  }

  /// Where the pieces of an object belong that is cut in a certain way: by the newest table, or, if
  /// the strategy was another one then, by one made for that strategy from the nodes of now.
  List<String> targets(PieceName first) {
    Cut cut = cut(first.object());
    if (cut.first().equals(first)) {
      return cut.nodes();
    }
    for (PlacementTable table : tables) {
      if (cut(table, first.object()).first().equals(first)) {
        PlacementTable now =
            ofEarlierStrategies.computeIfAbsent(
                table.strategy(), strategy -> PlacementTable.first(newest().nodes(), strategy));
        return cut(now, first.object()).nodes();
      }
    }
    throw new IllegalStateException("no epoch cut objects so: " + first.key());
  }

  /// Where a piece may be, the likeliest node first; in the end all of them.
  List<String> candidates(PieceName piece) {
    Set<String> candidates = new LinkedHashSet<>();
    for (PlacementTable table : tables) {
      Cut cut = cut(table, piece.object());
      if (cut.first().equals(piece.withIndex(0))) {
        if (piece.data() == 1) {
          candidates.addAll(cut.nodes());
        } else {
          candidates.add(cut.nodes().get(piece.index()));
        }
      }
    }
    newest().nodes().forEach(node -> candidates.add(node.id()));
    return new ArrayList<>(candidates);
  }
}
