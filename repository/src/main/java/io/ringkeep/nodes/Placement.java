package io.ringkeep.nodes;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.GroupDeal;
import io.ringkeep.placement.PlacementHash;
import io.ringkeep.placement.PlacementTable;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Where the pieces of objects go, and where they may have gone: the table of now and those before.
/// Thread-safe.
final class Placement {
  /*
   * An object's name says by which strategy it was written and to which group it was dealt (PlacementMark). So whoever
   * repairs or moves pieces needs no key; reading follows the name and the tables of all epochs, then asks everyone.
   *
   * An object keeps the shape in which it was written. Where it belongs when the strategy is another one now, the last
   * table of its own strategy says, carried on over the nodes of each epoch since. One that came from another repository
   * (a mirror's) may be marked with a strategy that these nodes never had: its mark says nothing here, its name does.
   */
  private final List<PlacementTable> tables;
  private final Set<String> nodes;
  // By strategy, newest first: its table for the nodes of now.
  private final LinkedHashMap<Strategy, PlacementTable> current = new LinkedHashMap<>();
  private final GroupDeal deal;

  /// @param tables newest first
  /// @param start of the deal of groups: different ones begin at different groups
  Placement(List<PlacementTable> tables, String start) {
    this.tables = List.copyOf(tables);
    this.nodes =
        newest().nodes().stream()
            .map(StorageNode::id)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    this.deal = newest().deal(start);
    for (PlacementTable table : tables.reversed()) {
      current.remove(table.strategy());
      current.replaceAll((_, old) -> carriedOn(old, table));
      current.putFirst(table.strategy(), table);
    }
  }

  /// The table of a strategy that was given up, for the nodes of a later epoch; as it was if these
  /// can't take its pieces.
  private static PlacementTable carriedOn(PlacementTable old, PlacementTable later) {
    try {
      return old.next(later.nodes(), old.strategy());
    } catch (InvalidRequest e) {
      return old;
    }
  }

  PlacementTable newest() {
    return tables.getFirst();
  }

  /// What the next object's name is to say.
  ///
  /// @param range of the ring that it lies in
  String mark(int range) {
    if (newest().strategy() instanceof Strategy.Sharded) {
      return new PlacementMark(newest().strategy(), range).toString();
    }
    synchronized (deal) {
      return new PlacementMark(newest().strategy(), deal.next()).toString();
    }
  }

  /// How an object is cut.
  ///
  /// @param first its first piece
  /// @param nodes ids of the nodes of its pieces, in order; with K = 1 of its copies
  /// @param enough how many of them must be written for the object to count
  record Cut(PieceName first, List<String> nodes, int enough) {}

  /// How a new object is cut.
  Cut cut(String object) {
    return cut(
        PlacementMark.of(object).map(mark -> current.get(mark.strategy())).orElseGet(this::newest),
        object);
  }

  private static Cut cut(PlacementTable table, String object) {
    Optional<PlacementMark> mark =
        PlacementMark.of(object).filter(named -> named.strategy().equals(table.strategy()));
    List<String> picks =
        table.picks(
            mark.map(named -> named.group() % table.groupCount())
                .orElseGet(() -> table.group(object)));
    return switch (table.strategy()) {
      case Strategy.Sharded sharded -> {
        int range =
            (int)
                Long.remainderUnsigned(
                    mark.map(named -> (long) named.group())
                        .orElseGet(() -> PlacementHash.ofObject(object)),
                    sharded.shards());
        yield new Cut(PieceName.whole(object), List.of(picks.get(range)), 1);
      }
      case Strategy.Copies _ ->
          new Cut(PieceName.whole(object), picks, table.strategy().commitPieces());
      case Strategy.Erasure erasure ->
          new Cut(
              new PieceName(object, erasure.data(), erasure.parity(), 0),
              picks,
              table.strategy().commitPieces());
    };
  }

  /// The tables by which an object may have been written, the likeliest first.
  private List<PlacementTable> tablesOf(String object) {
    return PlacementMark.of(object)
        .map(mark ->
            tables.stream().filter(table -> table.strategy().equals(mark.strategy())).toList())
        .filter(found -> !found.isEmpty())
        .orElse(tables);
  }

  /// The ways in which an object may have been cut, the likeliest first.
  List<PieceName> shapes(String object) {
    Set<PieceName> shapes = new LinkedHashSet<>();
    for (PlacementTable table : tablesOf(object)) {
      shapes.add(cut(table, object).first());
    }
    return List.copyOf(shapes);
  }

  /// Every piece that an object may have.
  List<PieceName> pieces(String object) {
    List<PieceName> pieces = new ArrayList<>();
    for (PieceName shape : shapes(object)) {
      for (int i = 0; i < shape.data() + shape.parity(); i++) {
        pieces.add(shape.withIndex(i));
      }
    }
    return pieces;
  }

  /// Where the pieces of an object belong that is cut in a certain way, by the nodes of now.
  ///
  /// @return as many as it has pieces or copies; a node that is not of the set any more may be
  ///   among them, where no other can take its piece. Empty if no epoch cut objects so
  Optional<List<String>> targets(PieceName first) {
    String object = first.object();
    Optional<Strategy> named =
        PlacementMark.of(object).map(PlacementMark::strategy).filter(current::containsKey);
    return current.entrySet().stream()
        .filter(entry -> named.isEmpty() || named.get().equals(entry.getKey()))
        .map(entry -> cut(entry.getValue(), object))
        .filter(cut -> cut.first().equals(first))
        .map(Cut::nodes)
        .findFirst();
  }

  /// Where a piece may be, the likeliest node first; in the end all that there are.
  List<String> candidates(PieceName piece) {
    Set<String> candidates = new LinkedHashSet<>();
    for (PlacementTable table : tablesOf(piece.object())) {
      Cut cut = cut(table, piece.object());
      if (cut.first().equals(piece.withIndex(0))) {
        if (piece.data() == 1) {
          candidates.addAll(cut.nodes());
        } else {
          candidates.add(cut.nodes().get(piece.index()));
        }
      }
    }
    candidates.retainAll(nodes);
    candidates.addAll(nodes);
    return new ArrayList<>(candidates);
  }
}
