package io.ringkeep.nodes;

import io.ringkeep.store.NoSuchObjectException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Looks after the pieces of all objects, one object after the other.
final class PieceCare {
  private final PlacedStore store;
  private final NodeCare.Options options;
  private final NodeFindings findings;
  private final NodeCare.Check check;
  private final PieceMaker maker;
  private long done;

  /// @param check throws if someone else has taken over, or the nodes were changed
  PieceCare(
      PlacedStore store, NodeCare.Options options, NodeFindings findings, NodeCare.Check check) {
    this.store = store;
    this.options = options;
    this.findings = findings;
    this.check = check;
    this.maker = new PieceMaker(store.nodeSet(), options.pace());
  }

  void run() throws IOException {
    PieceCensus census = PieceCensus.take(store.nodeList(), store.executor(), "");
    census.unlisted().forEach((id, why) -> findings.addFailed(store.node(id), "its listing", why));
    Collection<PieceCensus.Found> objects = census.objects();
    List<PieceName> suspicious = new ArrayList<>();
    for (PieceCensus.Found found : objects) {
      check.run();
      State state = new State(found);
      if (options.readAll()) {
        state.scrub();
      }
      if (state.settled()) {
        state.count();
        next(objects.size());
      } else {
        suspicious.add(found.first());
      }
    }
    for (PieceName first : suspicious) {
      check.run();
      lookAgain(first).ifPresent(this::act);
      next(objects.size());
    }
  }

  private void next(long objects) {
    done++;
    options
        .progress()
        .at(done, objects, findings.readBytes() + findings.rebuiltBytes() + findings.movedBytes());
  }

  /// An object of which a piece seemed to be missing, damaged or misplaced: it may have been
  /// written or deleted meanwhile.
  ///
  /// @return empty if it is gone
  private Optional<State> lookAgain(PieceName first) {
    Map<Integer, Set<String>> where = new TreeMap<>();
    int pieces = first.data() + first.parity();
    for (Node node : store.nodeList()) {
      for (int i = 0; i < pieces && node.answers(); i++) {
        String key = first.withIndex(i).key();
        try {
          if (node.call(place -> place.size(key)).isPresent()) {
            where.computeIfAbsent(i, _ -> new TreeSet<>()).add(node.id());
          }
        } catch (IOException e) {
          findings.addFailed(node, key, String.valueOf(e.getMessage()));
        }
      }
    }
    if (where.isEmpty()) {
      return Optional.empty();
    }
    State state = new State(new PieceCensus.Found(first, where));
    if (options.readAll()) {
      state.scrub();
    }
    return Optional.of(state);
  }

  private void act(State state) {
    state.count();
    state.tellDamaged();
    if (options.repair()) {
      state.repair();
    }
    if (state.lost()) {
      findings.addLost(state.first.object());
    } else if (options.move()) {
      state.move();
    }
  }

  private record Target(PieceName piece, Node node) {}

  /// The pieces of one object: where they are, where they belong.
  private final class State {
    final PieceName first;
    private final PieceCensus.Found found;
    // Ids of nodes by index of the piece; with K = 1 by number of the copy.
    private final List<String> targets;
    // By index of their piece, nodes that have one which is not what was written.
    private final Map<Integer, Set<String>> damaged = new TreeMap<>();

    State(PieceCensus.Found found) {
      this.found = found;
      this.first = found.first();
      this.targets = store.placement().targets(first).orElse(List.of());
    }

    private PieceName piece(int index) {
      return first.withIndex(first.data() == 1 ? 0 : index);
    }

    private List<String> home(int index) {
      return found.home(index, targets);
    }

    /// Pieces or copies that there is none of anywhere, and where they belong.
    private List<Target> missing() {
      List<Target> missing = new ArrayList<>();
      if (first.data() > 1) {
        for (int i = 0; i < targets.size(); i++) {
          if (found.where(i).isEmpty()) {
            store.find(targets.get(i)).ifPresent(addTo(missing, piece(i)));
          }
        }
        return missing;
      }
      Set<String> where = found.where(0);
      int wanting = targets.size() - where.size();
      for (String target : targets) {
        if (wanting > 0 && !where.contains(target)) {
          wanting--;
          store.find(target).ifPresent(addTo(missing, first));
        }
      }
      return missing;
    }

    private Consumer<Node> addTo(List<Target> missing, PieceName piece) {
      return node -> missing.add(new Target(piece, node));
    }

    boolean settled() {
      return found.absent(targets) == 0
          && damaged.isEmpty()
          && (!options.move() || found.misplaced(targets) == 0);
    }

    boolean lost() {
      return !found.whole();
    }

    void count() {
      findings.addObject(found.pieces(), found.absent(targets), found.misplaced(targets));
    }

    void tellDamaged() {
      damaged.forEach((index, where) ->
          where.forEach(id -> findings.addDamaged(store.node(id), piece(index).key())));
    }

    /// Reads every piece. What is damaged, or of another upload than most, counts as none.
    void scrub() {
      Map<Long, Set<Target>> uploads = new TreeMap<>();
      for (Map.Entry<Integer, Set<String>> entry : found.nodes().entrySet()) {
        for (String id : List.copyOf(entry.getValue())) {
          Target place = new Target(piece(entry.getKey()), store.node(id));
          try {
            StoredPiece.Opened opened =
                PieceCheck.read(place.node, place.piece, store.nodeSet(), options.pace(), _ -> {});
            findings.addRead(opened.layout().pieceBytes());
            uploads.computeIfAbsent(opened.upload(), _ -> new HashSet<>()).add(place);
          } catch (PieceDamage e) {
            damaged(place);
          } catch (NoSuchObjectException e) {
            found.where(entry.getKey()).remove(id); // Deleted since the listing.
          } catch (IOException e) {
            findings.addFailed(place.node, place.piece.key(), String.valueOf(e.getMessage()));
          }
        }
      }
      uploads.values().stream()
          .sorted((a, b) -> Integer.compare(b.size(), a.size()))
          .skip(1)
          .forEach(places -> places.forEach(this::damaged));
    }

    private void damaged(Target place) {
      int index = place.piece.index();
      found.where(index).remove(place.node.id());
      damaged.computeIfAbsent(index, _ -> new TreeSet<>()).add(place.node.id());
    }

    private boolean isDamaged(Target place) {
      return damaged.getOrDefault(place.piece.index(), Set.of()).contains(place.node.id());
    }

    /// Makes anew what is missing. Reads even what seems lost: of damaged pieces, other parts may
    /// be damaged than of the others.
    void repair() {
      for (Target target : missing()) {
        if (target.node.answers()) {
          make(target);
        }
      }
    }

    private void make(Target target) {
      try {
        PiecedObject object = store.open(first.object());
        boolean replace = isDamaged(target);
        long bytes = maker.make(object, target.piece, store.code(first), target.node, replace);
        findings.addRebuilt(bytes);
        found.where(target.piece.index()).add(target.node.id());
        damaged.getOrDefault(target.piece.index(), new TreeSet<>()).remove(target.node.id());
      } catch (PieceMaker.Unreadable | NoSuchObjectException e) {
        if (found.whole()) {
          findings.addFailed(target.node, target.piece.key(), "its object: " + e.getMessage());
        }
      } catch (IOException e) {
        findings.addFailed(target.node, target.piece.key(), String.valueOf(e.getMessage()));
      }
    }

    /// Brings every piece to where it belongs, then removes it elsewhere.
    void move() {
      for (int i = 0; i < targets.size(); i++) {
        PieceName piece = piece(i);
        Optional<Node> home = store.find(targets.get(i)).filter(Node::answers);
        if (home.isPresent() && !found.where(piece.index()).contains(home.get().id())) {
          bring(new Target(piece, home.get()));
        }
      }
      for (Map.Entry<Integer, Set<String>> entry : found.nodes().entrySet()) {
        List<String> home = home(entry.getKey());
        for (String id : List.copyOf(entry.getValue())) {
          if (!home.isEmpty() && !home.contains(id) && entry.getValue().containsAll(home)) {
            remove(new Target(piece(entry.getKey()), store.node(id)), home);
          }
        }
      }
    }

    private void bring(Target target) {
      for (String id : List.copyOf(found.where(target.piece.index()))) {
        Node from = store.node(id);
        if (!from.answers()) {
          continue;
        }
        try {
          long bytes = maker.copy(target.piece, from, target.node, isDamaged(target));
          findings.addMoved(bytes);
          found.where(target.piece.index()).add(target.node.id());
          return;
        } catch (PieceMaker.Unreadable e) {
          findings.addFailed(from, target.piece.key(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
          findings.addFailed(target.node, target.piece.key(), String.valueOf(e.getMessage()));
          return;
        }
      }
    }

    /// Removes a piece from a node, once more making sure that it is where it belongs.
    private void remove(Target place, List<String> home) {
      try {
        for (String id : home) {
          store
              .node(id)
              .call(other -> StoredPiece.open(other, place.piece, store.nodeSet()).upload());
        }
        place.node.call(other -> {
          other.delete(place.piece.key());
          return true;
        });
        found.where(place.piece.index()).remove(place.node.id());
        findings.addRemoved();
      } catch (IOException e) {
        findings.addFailed(place.node, place.piece.key(), String.valueOf(e.getMessage()));
      }
    }
  }
}
