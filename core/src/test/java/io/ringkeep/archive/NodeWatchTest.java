package io.ringkeep.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.nodes.NodeSet;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.store.file.FileStore;
import io.ringkeep.task.NotedProgress;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeWatchTest {
  @TempDir private Path folder;
  private final List<String> notes = new ArrayList<>();
  private int written;

  @Test
  void look_nodeWasAwayForAWhile_isSaidAndUsedAgain() throws IOException {
    try (PlacedStore store = threeCopies()) {
      NodeWatch watch = new NodeWatch(store, NotedProgress.to(notes::add));
      write(store);
      watch.look();
      assertThat(notes).isEmpty();

      Files.move(folder.resolve("c"), folder.resolve("unplugged"));
      Files.createDirectories(folder.resolve("c"));
      watch.look();
      watch.look();
      assertThat(store.away().get("c")).contains("not mounted");
      assertThat(notes).hasSize(1).first().asString().startsWith("node c is left alone: ");
      write(store);
      assertThat(store.writes().missing()).containsOnlyKeys("c");

      delete(folder.resolve("c"));
      Files.move(folder.resolve("unplugged"), folder.resolve("c"));
      watch.look();
      watch.look();
      assertThat(store.away()).isEmpty();
      assertThat(notes).hasSize(2).last().asString().startsWith("node c answers again");
      long degraded = store.writes().degraded();
      write(store);
      assertThat(store.writes().degraded()).isEqualTo(degraded);
    }
  }

  @Test
  void look_nodeTakesNothing_isSaidOnce() throws IOException {
    try (PlacedStore store = threeCopies()) {
      NodeWatch watch = new NodeWatch(store, NotedProgress.to(notes::add));
      write(store);
      // Reads as before, but nothing can be made below it.
      delete(folder.resolve("c/caches"));
      Files.writeString(folder.resolve("c/caches"), "in the way");
      write(store);
      watch.look();
      write(store);
      watch.look();
      assertThat(notes).hasSize(1).first().asString().startsWith("DEGRADED").contains("node c;");
    }
  }

  /// A bug in one look is said and does not end the watch.
  @Test
  void look_failsUnexpectedly_isSaidAndTheNextOneGoesWell() throws IOException {
    try (PlacedStore store = threeCopies()) {
      Progress noting = NotedProgress.to(notes::add);
      boolean[] failed = new boolean[1];
      Progress failsOnce =
          new Progress() {
            @Override
            public Task begin(String name, OptionalLong totalBytes) {
              return noting.begin(name, totalBytes);
            }

            @Override
            public void note(String text) {
              if (!failed[0]) {
                failed[0] = true;
                throw new IllegalStateException("as an example");
              }
              noting.note(text);
            }
          };
      NodeWatch watch = new NodeWatch(store, failsOnce);
      Files.move(folder.resolve("c"), folder.resolve("unplugged"));
      Files.createDirectories(folder.resolve("c"));
      watch.lookIfPossible();
      assertThat(notes)
          .containsExactly(
              "the nodes can't be looked at: java.lang.IllegalStateException: as an example");
      watch.lookIfPossible();
      assertThat(notes).hasSize(2).last().asString().startsWith("node c is left alone: ");
    }
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private PlacedStore threeCopies() throws IOException {
    List<NodeSet.Place> places = new ArrayList<>();
    for (String id : Stream.of("a", "b", "c").toList()) {
      Files.createDirectories(folder.resolve(id));
      places.add(new NodeSet.Place(StorageNode.of(id), new FileStore(folder.resolve(id))));
    }
    return NodeSet.create(places, Strategy.parse("copy:3"), Clock.systemUTC());
  }

  private void write(PlacedStore store) throws IOException {
    String name = "caches/c/run/x-%04d%s.data".formatted(written++, store.placeMark(0));
    assertThat(store.createIfAbsent(name, ByteBuffer.allocate(100))).isTrue();
  }
}
