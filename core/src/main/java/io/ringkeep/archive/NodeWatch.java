package io.ringkeep.archive;

import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.repository.Repository;
import io.ringkeep.task.Progress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Keeps an archive, which runs for weeks, from leaving a storage node alone that did not answer
/// once, and says when what is written lacks pieces or copies.
final class NodeWatch {
  private static final Duration EVERY = Duration.ofSeconds(30);

  private final PlacedStore store;
  private final Progress progress;
  private final Set<String> said = new TreeSet<>();
  private Set<String> alone = Set.of();
  private Map<String, Long> missing = Map.of();

  NodeWatch(PlacedStore store, Progress progress) {
    this.store = store;
    this.progress = progress;
  }

  /// Looks every so often, until the thread is interrupted.
  ///
  /// @return empty if the repository is one place
  static Optional<Thread> start(Repository repository, Progress progress) {
    if (!(repository.store() instanceof PlacedStore store)) {
      return Optional.empty();
    }
    NodeWatch watch = new NodeWatch(store, progress);
    return Optional.of(
        Thread.ofPlatform()
            .name("archive-nodes")
            .daemon()
            .start(() -> {
              try {
                while (true) {
                  Thread.sleep(EVERY);
                  watch.lookIfPossible();
                }
              } catch (InterruptedException e) {
                // The archive ends.
              }
            }));
  }

  /// Looks once; what goes wrong is said, and the next look may go well.
  void lookIfPossible() {
    try {
      look();
    } catch (RuntimeException e) {
      progress.note("the nodes can't be looked at: " + e);
    }
  }

  /// Looks once.
  void look() {
    store.lookAgain();
    Map<String, String> now = store.away();
    now.forEach((node, why) -> {
      if (!alone.contains(node)) {
        progress.note(
            "node %s is left alone: %s; what is written lacks its pieces and copies"
                .formatted(node, why));
      }
    });
    alone.forEach(node -> {
      if (!now.containsKey(node)) {
        progress.note(
            "node %s answers again; 'nodes repair' makes anew what it lacks".formatted(node));
      }
    });
    Set<String> explained = new TreeSet<>(alone);
    alone = Set.copyOf(now.keySet());
    explained.addAll(alone);
    Map<String, Long> lacking = store.writes().missing();
    lacking.forEach((node, count) -> {
      if (count.equals(missing.get(node))) {
        said.remove(node);
      } else if (!explained.contains(node) && said.add(node)) {
        progress.note(
            "DEGRADED: what is written lacks pieces or copies on node %s; 'nodes list' says why"
                .formatted(node));
      }
    });
    missing = lacking;
  }
}
