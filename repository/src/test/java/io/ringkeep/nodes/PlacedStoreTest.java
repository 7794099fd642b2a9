package io.ringkeep.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.repository.Seeds;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacedStoreTest {
  private static final int[] SIZES = {
    0, 1, 65535, 65536, 65537, 262_143, 262_144, 262_145, 400_000, 3_000_000
  };
  private static final NodeCare.Options SCRUB = NodeCare.Options.scrub();
  private static final NodeCare.Options SCRUB_AND_REPAIR =
      NodeCare.Options.repairing().readingAll();

  private final Random random = Seeds.random("PlacedStoreTest");
  private final Map<String, byte[]> written = new TreeMap<>();

  @TempDir Path folder;

  @Test
  void erasureOf4And2_anyTwoOfSixNodesGone_readsTheSameAndIsRepaired() throws IOException {
    TestNodes nodes = new TestNodes(folder, 6);
    write(nodes, "erasure:4+2");
    for (List<String> pair : pairs(nodes.ids())) {
      nodes.wipe(pair.get(0));
      nodes.wipe(pair.get(1));
      try (PlacedStore store = nodes.open()) {
        assertThat(store.away()).containsOnlyKeys(pair);
        assertAllRead(store);
      }
      try (PlacedStore store = nodes.open()) {
        NodeFindings findings = TestNodes.repair(store);
        assertThat(findings.adopted()).containsExactlyElementsOf(pair);
        assertThat(findings.rebuilt()).isEqualTo(2L * written.size());
        assertThat(findings.healthy()).as(findings.failed().toString()).isTrue();
      }
    }
    try (PlacedStore store = nodes.open()) {
      NodeFindings findings = TestNodes.care(store, SCRUB);
      assertThat(findings.healthy()).isTrue();
      assertThat(findings.pieces()).isEqualTo(6L * written.size());
      assertThat(findings.degraded()).isZero();
    }
  }

  @Test
  void erasureOf4And2_threeOfSixNodesGone_saysWhatIsLost() throws IOException {
    TestNodes nodes = new TestNodes(folder, 6);
    write(nodes, "erasure:4+2");
    for (String node : List.of("b", "d", "f")) {
      nodes.wipe(node);
    }
    try (PlacedStore store = nodes.open()) {
      ByteBuffer into = ByteBuffer.allocateDirect(1);
      assertThatThrownBy(() -> store.read(name(3), 0, into))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("too few pieces are left");
      NodeFindings findings = TestNodes.repair(store);
      // Nothing but the first piece holds the first bytes: the shortest objects need no other.
      assertThat(findings.lost())
          .containsExactlyElementsOf(written.keySet().stream().skip(2).toList());
      assertThat(findings.healthy()).isFalse();
    }
  }

  @Test
  void copiesOf3_anyTwoOfThreeNodesGone_readsTheSameAndIsRepaired() throws IOException {
    TestNodes nodes = new TestNodes(folder, 3);
    write(nodes, "copy:3");
    for (List<String> pair : pairs(nodes.ids())) {
      nodes.wipe(pair.get(0));
      nodes.wipe(pair.get(1));
      try (PlacedStore store = nodes.open()) {
        assertAllRead(store);
        assertThat(TestNodes.repair(store).healthy()).isTrue();
      }
    }
  }

  @Test
  void shardsOf6_oneNodeGone_losesItsRangeAndNothingElse() throws IOException {
    TestNodes nodes = new TestNodes(folder, 6);
    try (PlacedStore store = nodes.create("shard:6")) {
      assertThat(store.ringRanges()).isEqualTo(6);
      for (int range = 0; range < 6; range++) {
        write(store, "caches/c/run/x-%04d-s6.%d.data".formatted(range, range), 10_000);
      }
    }
    assertThat(nodes.counts().values()).containsOnly(1);
    Path piece = nodes.pieces("c").getFirst();
    String lost = PieceName.parse("caches/c/run/" + piece.getFileName()).orElseThrow().object();
    nodes.wipe("c");
    try (PlacedStore store = nodes.open()) {
      assertThat(store.size(lost)).isEmpty();
      assertThatThrownBy(() -> store.read(lost)).isInstanceOf(NoSuchObjectException.class);
      written.remove(lost);
      assertAllRead(store);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"erasure:4+2", "copy:2"})
  void scrub_flippedBytes_findsAllAndRepairsThem(String strategy) throws IOException {
    TestNodes nodes = new TestNodes(folder, 6);
    write(nodes, strategy);
    int flipped = 0;
    for (String node : List.of("a", "c")) {
      for (Path piece : nodes.pieces(node)) {
        if (strategy.equals("copy:2") && node.equals("c")) {
          continue; // Both copies of an object must not be hit.
        }
        byte[] bytes = Files.readAllBytes(piece);
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        Files.write(piece, bytes);
        flipped++;
      }
    }
    try (PlacedStore store = nodes.open()) {
      assertAllRead(store);
    }
    try (PlacedStore store = nodes.open()) {
      NodeFindings found = TestNodes.care(store, SCRUB);
      assertThat(found.damaged()).hasSize(flipped);
      assertThat(found.healthy()).isFalse();
    }
    try (PlacedStore store = nodes.open()) {
      NodeFindings repaired = TestNodes.care(store, SCRUB_AND_REPAIR);
      assertThat(repaired.damaged()).hasSize(flipped);
      assertThat(repaired.rebuilt()).isEqualTo(flipped);
      assertThat(repaired.healthy()).isTrue();
    }
    try (PlacedStore store = nodes.open()) {
      assertThat(TestNodes.care(store, SCRUB).damaged()).isEmpty();
    }
  }

  @Test
  void write_twoOfSixNodesGone_isDegradedAndRepairedLater() throws IOException {
    TestNodes nodes = new TestNodes(folder, 6);
    nodes.create("erasure:4+2").close();
    nodes.wipe("e");
    try (PlacedStore store = nodes.open()) {
      write(store, name(0), 100_000);
      assertThat(store.writes().degraded()).isEqualTo(1);
      assertThat(store.writes().missing()).containsExactly(Map.entry("e", 1L));
    }
    nodes.wipe("f");
    try (PlacedStore store = nodes.open()) {
      assertThatThrownBy(() -> write(store, name(1), 100_000))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("too few nodes")
          .hasMessageContaining("needed=5");
      written.remove(name(1));
      assertAllRead(store);
      assertThat(TestNodes.repair(store).healthy()).isTrue();
    }
  }

  @Test
  void open_nodesMixedUp_areLeftAlone() throws IOException {
    TestNodes nodes = new TestNodes(folder.resolve("one"), 6);
    write(nodes, "erasure:4+2");
    TestNodes others = new TestNodes(folder.resolve("two"), 6);
    others.create("erasure:4+2").close();
    Files.move(nodes.folder("b"), folder.resolve("kept"));
    Files.move(others.folder("b"), nodes.folder("b"));
    try (PlacedStore store = nodes.open()) {
      assertThat(store.away()).containsOnlyKeys("b");
      assertThat(store.away().get("b")).contains("another repository");
      assertAllRead(store);
      assertThat(TestNodes.repair(store).adopted()).isEmpty();
    }
  }

  private static String name(int number) {
    return "caches/c/run/x-%04d.data".formatted(number);
  }

  private void write(TestNodes nodes, String strategy) throws IOException {
    try (PlacedStore store = nodes.create(strategy)) {
      for (int i = 0; i < SIZES.length; i++) {
        write(store, name(i), SIZES[i]);
      }
      store.createIfAbsent("README.txt", ByteBuffer.wrap(new byte[] {1, 2, 3}));
      assertThat(store.writes().degraded()).isZero();
      assertAllRead(store);
    }
  }

  private void write(PlacedStore store, String name, int size) throws IOException {
    byte[] content = new byte[size];
    random.nextBytes(content);
    written.put(name, content);
    try (ObjectUpload upload = store.upload(name)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        int count = Math.min(bytes.remaining(), 1 + random.nextInt(100_000));
        upload.write(bytes.slice(bytes.position(), count));
        bytes.position(bytes.position() + count);
      }
      assertThat(upload.commit()).isTrue();
    }
  }

  private void assertAllRead(PlacedStore store) throws IOException {
    for (Map.Entry<String, byte[]> object : written.entrySet()) {
      byte[] content = object.getValue();
      assertThat(store.size(object.getKey())).hasValue(content.length);
      assertThat(bytes(store.read(object.getKey()))).isEqualTo(content);
      for (int i = 0; i < 5 && content.length > 0; i++) {
        int from = random.nextInt(content.length);
        ByteBuffer part = ByteBuffer.allocateDirect(1 + random.nextInt(content.length - from));
        store.read(object.getKey(), from, part);
        byte[] expected = new byte[part.capacity()];
        System.arraycopy(content, from, expected, 0, expected.length);
        assertThat(bytes(part.flip())).isEqualTo(expected);
      }
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static List<List<String>> pairs(List<String> ids) {
    List<List<String>> pairs = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      for (int j = i + 1; j < ids.size(); j++) {
        pairs.add(List.of(ids.get(i), ids.get(j)));
      }
    }
    return pairs;
  }
}
