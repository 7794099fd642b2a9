package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import tools.jackson.databind.JsonNode;

/// What is lost or damaged beyond what a strategy makes up for is named exactly, and the rest is
/// had.
class NodeLossIT extends NodesStory {

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
          json(0, "restore", "--target", server.uri(), "--partial", "--dry-run", "--existing", "merge")
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

      assertThat(end(1, with(restore, "--partial", "--existing", "replace", "--loader", "restore")).out())
          .contains("proven");
      assertThat(rest.differences(Oracle.read(server))).isEmpty();

      Files.move(away, node(lost));
      assertThat(end(0, with(restore, "--partial", "--existing", "replace")).out())
          .doesNotContain("MISSING");
      assertThat(before.differences(Oracle.read(server))).isEmpty();
    }
  }

  private static String[] with(String[] words, String... more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void scrub_flippedBytes_areAllFoundAndMended() throws IOException {
    folders("erasure:4+2", 6);
    end(0, "init");
    end(0, "backup");
    List<Path> pieces;
    try (Stream<Path> files = Files.walk(folder.resolve("nodes"))) {
      pieces =
          new ArrayList<>(
              files
                  .filter(Files::isRegularFile)
                  .filter(file -> file.toString().contains(".data"))
                  .sorted()
                  .toList());
    }
    assertThat(pieces).isNotEmpty();
    Collections.shuffle(pieces, RANDOM);
    List<Path> damaged = pieces.subList(0, Math.max(1, pieces.size() / 100));
    for (Path piece : damaged) {
      byte[] bytes = Files.readAllBytes(piece);
      bytes[RANDOM.nextInt(bytes.length)] ^= (byte) (1 + RANDOM.nextInt(255));
      Files.write(piece, bytes);
    }
    JsonNode found = json(1, "nodes", "scrub");
    assertThat(found.get("damaged").size()).isEqualTo(damaged.size());
    JsonNode mended = json(0, "nodes", "scrub", "--repair");
    assertThat(mended.get("damaged").size()).isEqualTo(damaged.size());
    assertThat(mended.get("rebuilt").asLong()).isEqualTo(damaged.size());
    assertThat(json(0, "nodes", "scrub").get("damaged").size()).isZero();
    restoreAndCompare(0);
  }
}
