package io.ringkeep.nodes;

import io.ringkeep.erasure.ErasureCode;
import io.ringkeep.store.ObjectInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Looks after all pieces and copies: finds what is missing or damaged, makes it anew, and moves
/// what is not where it should be. Needs no key, and can be stopped and begun again at any time.
public final class NodeCare {
  /*
   * Nothing is taken away before its replacement is written: a piece that moves is made in its new place first, and
   * a damaged one counts as none from the moment it is found.
   */
  private final PlacedStore store;
  private final Options options;
  private final NodeFindings findings = new NodeFindings();
  private final PieceMaker maker;
  // As `node: key`.
  private final Set<String> damaged = new TreeSet<>();

  /// What to do.
  ///
  /// @param readAll whether every byte is read and compared, not only listed
  /// @param repair whether what is missing or damaged is made anew
  /// @param tidy whether pieces are removed where they no longer belong
  /// @param pace is told how many bytes come next, and may wait
  public record Options(boolean readAll, boolean repair, boolean tidy, LongConsumer pace) {}

  private NodeCare(PlacedStore store, Options options) {
    this.store = store;
    this.options = options;
    this.maker = new PieceMaker(store.nodeSet(), options.pace());
  }

  /// Looks at all nodes, and does what the options say.
  public static NodeFindings run(PlacedStore store, Options options) throws IOException {
    NodeCare care = new NodeCare(store, options);
    if (options.repair()) {
      care.adoptWiped();
    }
    care.copies();
    PieceCensus census = PieceCensus.take(store.nodes());
    for (PieceCensus.Found found : census.objects()) {
      care.object(found);
    }
    store.nodes().stream().filter(node -> node.away().isPresent()).forEach(care.findings::addAway);
    return care.findings;
  }

  private void adoptWiped() throws IOException {
    for (Node node : store.nodes()) {
      if (node.wiped()) {
        node.rejoin();
        store.inscribe(node);
        findings.addAdopted(node);
      }
    }
  }

  /// Compares the copies of everything that does not lie in pieces.
  private void copies() {
    List<Node> nodes = store.metadataNodes().stream().filter(n -> n.away().isEmpty()).toList();
    Map<Node, Map<String, Long>> listed = new HashMap<>();
    TreeSet<String> keys = new TreeSet<>();
    for (Node node : nodes) {
      Map<String, Long> sizes = new TreeMap<>();
      try {
        for (ObjectInfo object : node.call(place -> place.list(""))) {
          if (MetadataCopies.copied(object.key())) {
            sizes.put(object.key(), object.sizeBytes());
          }
        }
        listed.put(node, sizes);
        keys.addAll(sizes.keySet());
      } catch (IOException e) {
        // It is away from now on.
      }
    }
    for (String key : keys) {
      compare(key, listed);
    }
  }

  private void compare(String key, Map<Node, Map<String, Long>> listed) {
    @Nullable ByteBuffer whole = null;
    List<Node> without = new ArrayList<>();
    Set<Long> lengths = new TreeSet<>();
    listed.values().forEach(sizes -> lengths.add(sizes.getOrDefault(key, -1L)));
    boolean same = lengths.size() == 1;
    if (same && !options.readAll()) {
      return;
    }
    for (Map.Entry<Node, Map<String, Long>> entry : listed.entrySet()) {
      Node node = entry.getKey();
      if (!entry.getValue().containsKey(key)) {
        findings.addMissing();
        without.add(node);
        continue;
      }
      try {
        ByteBuffer bytes = node.call(place -> place.read(key));
        findings.addRead(bytes.remaining());
        if (Wholeness.of(key, bytes)) {
          whole = bytes;
        } else {
          findings.addDamaged(node, key);
          without.add(node);
        }
      } catch (IOException e) {
        findings.addFailed(node, key, String.valueOf(e.getMessage()));
      }
    }
    without.forEach(_ -> findings.addWanting());
    if (whole == null) {
      findings.addLost(key);
    } else if (options.repair()) {
      for (Node node : without) {
        ByteBuffer content = whole;
        try {
          node.call(place -> {
            place.put(key, content.duplicate());
            return true;
          });
          findings.addCopied();
        } catch (IOException e) {
          findings.addFailed(node, key, String.valueOf(e.getMessage()));
        }
      }
    }
  }

  /// Looks after the pieces of one object.
  private void object(PieceCensus.Found found) {
    PieceName first = found.first();
    int pieces = found.nodes().values().stream().mapToInt(Set::size).sum();
    if (options.readAll()) {
      scrub(found);
    }
    List<String> targets = store.placement().targets(first);
    List<Target> missing = new ArrayList<>();
    int absent = 0;
    for (int i = 0; i < targets.size(); i++) {
      PieceName piece = first.withIndex(first.data() == 1 ? 0 : i);
      Node node = store.node(targets.get(i));
      Set<String> where = found.nodes().getOrDefault(piece.index(), Set.of());
      if (!where.contains(node.id())) {
        absent++;
        if (node.away().isEmpty()) {
          missing.add(new Target(piece, node));
        }
      }
    }
    findings.addObject(pieces, absent);
    if (!found.whole()) {
      findings.addLost(first.object());
      return;
    }
    missing.forEach(_ -> findings.addWanting());
    if (options.repair()) {
      missing.forEach(target -> make(target, found));
    }
    if (options.tidy()) {
      tidy(found, targets);
    }
  }

  private record Target(PieceName piece, Node node) {}

  private void scrub(PieceCensus.Found found) {
    found
        .nodes()
        .forEach((index, where) -> {
          PieceName piece = found.first().withIndex(index);
          for (String id : List.copyOf(where)) {
            Node node = store.node(id);
            try {
              long bytes = node.call(place -> PieceCheck.read(place, piece, store.nodeSet()));
              options.pace().accept(bytes);
              findings.addRead(bytes);
            } catch (PieceDamage e) {
              where.remove(id);
              damaged.add(id + ": " + piece.key());
              findings.addDamaged(node, piece.key());
            } catch (IOException e) {
              findings.addFailed(node, piece.key(), String.valueOf(e.getMessage()));
            }
          }
        });
  }

  private void make(Target target, PieceCensus.Found found) {
    try {
      PiecedObject object = store.open(target.piece().object());
      ErasureCode code = store.code(target.piece());
      boolean replace = damaged.contains(target.node().id() + ": " + target.piece().key());
      findings.addRebuilt(maker.make(object, target.piece(), code, target.node(), replace));
      found
          .nodes()
          .computeIfAbsent(target.piece().index(), _ -> new TreeSet<>())
          .add(target.node().id());
    } catch (IOException e) {
      findings.addFailed(target.node(), target.piece().key(), String.valueOf(e.getMessage()));
    }
  }

  /// Removes pieces from nodes they do not belong to, once they are where they do.
  private void tidy(PieceCensus.Found found, List<String> targets) {
    found
        .nodes()
        .forEach((index, where) -> {
          PieceName piece = found.first().withIndex(index);
          List<String> home = piece.data() == 1 ? targets : List.of(targets.get(index));
          if (!where.containsAll(home)) {
            return;
          }
          for (String id : List.copyOf(where)) {
            if (!home.contains(id)) {
              Node node = store.node(id);
              try {
                node.call(place -> {
                  place.delete(piece.key());
                  return true;
                });
                where.remove(id);
                findings.addRemoved();
              } catch (IOException e) {
                findings.addFailed(node, piece.key(), String.valueOf(e.getMessage()));
              }
            }
          }
        });
  }
}
