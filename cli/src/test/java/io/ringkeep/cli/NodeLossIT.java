package io.ringkeep.cli;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import io.ringkeep.nodes.NodeSet;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.file.FileStore;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Oracle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;
import tools.jackson.databind.JsonNode;

/// What is lost or damaged beyond what a strategy makes up for is named exactly, and the rest is
/// had.
class NodeLossIT extends NodesStory {
  /// Of a piece; the first unit follows.
  private static final int HEADER_BYTES = 40;

  /// Removes the keys of some slots from the server.
  ///
  /// @return how many there were
  private long remove(List<SlotRange> slots) {
    long removed = 0;
    try (Jedis client = server.client()) {
      for (int database : before.keysByDatabase().keySet()) {
        client.select(database);
        for (byte[] key : client.keys("*".getBytes(StandardCharsets.UTF_8))) {
          int slot = Slot.of(ByteBuffer.wrap(key));
          if (slots.stream().anyMatch(range -> range.contains(slot))) {
            removed += client.del(key);
          }
        }
      }
    }
    return removed;
  }

  private static List<SlotRange> slots(JsonNode missing) {
    List<SlotRange> slots = new ArrayList<>();
    missing.get("slots").forEach(range -> slots.add(SlotRange.parse(range.asString())));
    return slots;
  }

  @Test
  void shards_oneOfSixNodesDeleted_namesTheLossAndRestoresTheRest() throws IOException {
    folders("shard:6", 6);
    end(0, "init");
    end(0, "backup");
    List<Integer> nodes = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5));
    Collections.shuffle(nodes, RANDOM);
    for (int lost : FULL ? nodes : nodes.subList(0, 1)) {
      Path away = folder.resolve("away");
      Files.move(node(lost), away);
      String[] restore = {"restore", "--target", server.uri(), "--yes", "--no-undo"};
      JsonNode missing =
          json(
                  0,
                  "restore",
                  "--target",
                  server.uri(),
                  "--partial",
                  "--dry-run",
                  "--existing",
                  "merge")
              .get("missing");
      List<SlotRange> gone = slots(missing);
      assertThat(gone.stream().mapToInt(SlotRange::slotCount).sum())
          .as("a sixth of the ring, but for neighbours")
          .isBetween(16384 / 6 - 1, 16384 / 6 + 2);
      assertThat(remove(gone)).isEqualTo(missing.get("keys").asLong()).isPositive();
      Contents rest = Oracle.read(server);

      server.call("FLUSHALL");
      Launcher.Ended refused = end(7, restore);
      assertThat(refused.err())
          .contains("slots %s and %d keys are lost".formatted(gone, missing.get("keys").asLong()))
          .contains("the other %d keys".formatted(rest.keys()), "--partial");
      assertThat(Oracle.read(server).keys()).isZero();

      Launcher.Ended partial = end(1, with(restore, "--partial"));
      assertThat(partial.out())
          .contains("proven", "%d keys: slots".formatted(missing.get("keys").asLong()));
      assertThat(rest.differences(Oracle.read(server))).isEmpty();

      assertThat(
              end(1, with(restore, "--partial", "--existing", "replace", "--loader", "restore"))
                  .out())
          .contains("proven");
      assertThat(rest.differences(Oracle.read(server))).isEmpty();

      Files.move(away, node(lost));
      assertThat(end(0, with(restore, "--partial", "--existing", "replace")).out())
          .doesNotContain("MISSING");
      assertThat(before.differences(Oracle.read(server))).isEmpty();
    }
  }

  @Test
  void shards_nodeReplacedAndTakenIn_theLossIsStillNamed() throws IOException {
    folders("shard:3", 3);
    end(0, "init");
    end(0, "backup");
    delete(node(2));
    Files.createDirectories(node(2));
    assertThat(end(1, "nodes", "repair", "--adopt", "n2").out())
        .contains("nothing else had what these nodes held", "'verify' names");
    assertThat(end(1, "status").out()).contains("LOST: 1 object");
    server.call("FLUSHALL");
    assertThat(end(7, "restore", "--target", server.uri(), "--yes").err())
        .contains("a part of the snapshot is gone", "are lost with 'restore --partial'");
    assertThat(end(1, "restore", "--target", server.uri(), "--yes", "--partial").out())
        .contains("MISSING", "proven");
    for (int i = 0; i < 2; i++) {
      delete(node(i));
      Files.createDirectories(node(i));
      end(1, "nodes", "repair", "--adopt", "n" + i);
    }
    assertThat(end(1, "status").out()).contains("LOST: 3 objects", "nothing is left of the data");
  }

  private static String[] with(String[] words, String... more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
  }

  @ParameterizedTest
  @ValueSource(strings = {"erasure:4+2", "copy:3", "shard:6"})
  void scrub_aByteOfOnePieceInAHundred_isFoundRepairedOrNamed(String strategy) throws IOException {
    folders(strategy, 6);
    end(0, "init");
    end(0, "backup");
    int redundancy = strategy.startsWith("shard") ? 0 : 2;
    addObjects(FULL ? 1000 : 150);
    Map<String, byte[]> before = pieces();
    List<String> order = new ArrayList<>(before.keySet());
    Collections.shuffle(order, RANDOM);
    Set<String> flipped = Set.copyOf(order.subList(0, Math.ceilDiv(order.size(), 100)));
    for (String piece : flipped) {
      flip(piece, RANDOM.nextInt(size(before, piece)));
    }

    assertThat(strings(json(1, "nodes", "scrub").get("damaged")))
        .as("all of it, and nothing else")
        .containsExactlyInAnyOrderElementsOf(flipped);
    Map<String, Long> ofObject =
        flipped.stream().collect(groupingBy(NodeLossIT::object, counting()));
    Set<String> beyond =
        ofObject.keySet().stream()
            .filter(object -> ofObject.getOrDefault(object, 0L) > redundancy)
            .collect(toSet());
    scrubRepairs(flipped, beyond, before);

    if (redundancy > 0) {
      // Now more than the strategy makes up for: a unit in M + 1 pieces of one whole object.
      String object =
          order.reversed().stream()
              .map(NodeLossIT::object)
              .filter(candidate -> !beyond.contains(candidate))
              .findFirst()
              .orElseThrow();
      List<String> pieces =
          order.stream()
              .filter(piece -> object(piece).equals(object))
              .limit(redundancy + 1)
              .toList();
      assertThat(pieces).hasSize(redundancy + 1);
      for (String piece : pieces) {
        flip(piece, HEADER_BYTES);
      }
      scrubRepairs(Set.copyOf(pieces), Set.of(object), before);
      pieces.forEach(piece -> flip(piece, HEADER_BYTES)); // Flipped back.
      end(0, "nodes", "scrub");
      restoreAndCompare(0);
    }
  }

  /// Scrubs, repairs, and compares what the command says with what was done to the pieces.
  ///
  /// @param beyond objects of which too much is damaged
  private void scrubRepairs(Set<String> damaged, Set<String> beyond, Map<String, byte[]> before)
      throws IOException {
    JsonNode said = json(beyond.isEmpty() ? 0 : 1, "nodes", "scrub", "--repair");
    assertThat(strings(said.get("damaged"))).containsExactlyInAnyOrderElementsOf(damaged);
    assertThat(strings(said.get("lost"))).containsExactlyInAnyOrderElementsOf(beyond);
    Set<String> hopeless =
        damaged.stream().filter(piece -> beyond.contains(object(piece))).collect(toSet());
    assertThat(said.get("rebuilt").asInt()).isEqualTo(damaged.size() - hopeless.size());
    assertThat(said.get("wanting").asInt()).isEqualTo(hopeless.size());
    Map<String, byte[]> after = pieces();
    assertThat(after.keySet()).isEqualTo(before.keySet());
    before.forEach((piece, bytes) -> {
      if (!hopeless.contains(piece)) {
        assertThat(after.get(piece)).as(piece).isEqualTo(bytes);
      }
    });
  }

  private static Set<String> strings(JsonNode list) {
    Set<String> strings = new HashSet<>();
    list.forEach(text -> assertThat(strings.add(text.asString())).isTrue());
    return strings;
  }

  /// The object of `node: key`.
  private static String object(String piece) {
    return piece.replaceFirst("^n[0-9]+: (.*\\.data)\\.p[-.0-9]+$", "$1");
  }

  private static int size(Map<String, byte[]> pieces, String piece) {
    return Objects.requireNonNull(pieces.get(piece)).length;
  }

  /// Stores data objects beside those of the snapshot.
  private void addObjects(int count) throws IOException {
    Map<String, ObjectStore> places = new TreeMap<>();
    for (int i = 0; i < 6; i++) {
      places.put("n" + i, new FileStore(node(i)));
    }
    try (PlacedStore store = NodeSet.open(places)) {
      for (int i = 0; i < count; i++) {
        byte[] bytes = new byte[RANDOM.nextInt(1, 100_000)];
        RANDOM.nextBytes(bytes);
        String name = "caches/default/run/%04d%s.data".formatted(i, store.placeMark(i % 6));
        assertThat(store.createIfAbsent(name, ByteBuffer.wrap(bytes))).isTrue();
      }
    }
  }

  /// All pieces of all nodes as `node: key`.
  private Map<String, byte[]> pieces() throws IOException {
    Map<String, byte[]> pieces = new TreeMap<>();
    for (int i = 0; i < 6; i++) {
      try (Stream<Path> files = Files.walk(node(i))) {
        for (Path file : files.filter(path -> path.toString().contains(".data.p")).toList()) {
          pieces.put("n%d: %s".formatted(i, node(i).relativize(file)), Files.readAllBytes(file));
        }
      }
    }
    return pieces;
  }

  private void flip(String piece, int offset) {
    Path file = folder.resolve("nodes").resolve(piece.replace(": ", "/"));
    try {
      byte[] bytes = Files.readAllBytes(file);
      bytes[offset] ^= 0x40;
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
