package io.ringkeep.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.repository.WatchedStore;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ReadOnlyStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What lies in copies survives nodes that are away, set back, or answer too late.
class MetadataCopiesTest {
  private static final String KEY = "keys/one.json";
  private static final String RECORD = "caches/c/ledger/0000000000000001.json";

  private final MemoryNodes nodes = new MemoryNodes(6);

  @Test
  void create_commitNodeAway_isRefusedAndSaysHowToGoOn() throws IOException {
    nodes.create("erasure:4+2").close();
    try (PlacedStore store = nodes.openWithout("a")) {
      assertThat(store.readOnlyBecause().orElseThrow()).contains("node a").contains("promote");
      assertThatThrownBy(() -> store.createIfAbsent(KEY, bytes("x")))
          .isInstanceOf(ReadOnlyStoreException.class);
      assertThatThrownBy(() -> store.delete("caches/c/run/x.data"))
          .isInstanceOf(ReadOnlyStoreException.class);
    }
  }

  @Test
  void create_lessThanAMajorityAnswers_isRefused() throws IOException {
    nodes.create("erasure:4+2").close();
    try (PlacedStore store = nodes.openWithout("c", "d", "e")) {
      assertThat(store.readOnlyBecause().orElseThrow()).contains("2 of 5");
      assertThatThrownBy(() -> store.createIfAbsent(KEY, bytes("x")))
          .isInstanceOf(ReadOnlyStoreException.class);
    }
  }

  @Test
  void create_copiesFail_doesNotCountUntilTriedAgain() throws IOException {
    nodes.create("erasure:4+2").close();
    Set<String> failing = Set.of("b", "c", "d");
    try (PlacedStore store =
        nodes.open((id, place) -> failing.contains(id) ? new NoCreate(place) : place)) {
      assertThatThrownBy(() -> store.createIfAbsent(RECORD, sealed("x")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("copies=2 needed=3 of=5");
    }
    assertThat(holders(RECORD)).containsExactly("a", "e");
    try (PlacedStore store = nodes.open()) {
      assertThat(store.createIfAbsent(RECORD, sealed("another"))).isFalse();
      assertThat(store.read(RECORD)).isEqualTo(sealed("x"));
    }
    assertThat(holders(RECORD)).containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void append_predecessorWithTooFewCopies_getsThemFirst() throws IOException {
    nodes.create("erasure:4+2").close();
    // Its writer died behind the deciding node.
    nodes.store("a").createIfAbsent(RECORD, sealed("first"));
    try (PlacedStore store = nodes.open()) {
      assertThat(store.list("caches/c/ledger/")).hasSize(1);
      store.createIfAbsent("caches/c/ledger/0000000000000002.json", sealed("second"));
    }
    assertThat(holders(RECORD)).containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void create_commitNodeSetBack_doesNotForkTheLedger() throws IOException {
    nodes.create("erasure:4+2").close();
    Map<String, ByteBuffer> old = nodes.content("a");
    try (PlacedStore store = nodes.openWithout("e")) {
      store.createIfAbsent(RECORD, sealed("committed"));
    }
    nodes.setTo("a", old);
    try (PlacedStore store = nodes.openWithout("b", "c")) {
      assertThat(store.createIfAbsent(RECORD, sealed("forked"))).isFalse();
      assertThat(store.read(RECORD)).isEqualTo(sealed("committed"));
    }
    try (PlacedStore store = nodes.openWithout("b", "c", "d")) {
      assertThatThrownBy(() -> store.createIfAbsent(RECORD, sealed("forked")))
          .isInstanceOf(ReadOnlyStoreException.class);
    }
  }

  @Test
  void list_commitNodeFails_failsToo() throws IOException {
    nodes.create("erasure:4+2").close();
    try (PlacedStore store = nodes.open()) {
      store.createIfAbsent(RECORD, sealed("x"));
    }
    try (PlacedStore store =
        nodes.open((id, place) -> id.equals("a") ? new NoList(place) : place)) {
      assertThatThrownBy(() -> store.list("caches/c/ledger/")).isInstanceOf(IOException.class);
    }
    try (PlacedStore store =
        nodes.open((id, place) -> id.equals("b") ? new NoList(place) : place)) {
      assertThat(store.list("caches/c/ledger/")).extracting(ObjectInfo::key).containsOnly(RECORD);
    }
  }

  @Test
  void delete_nodeAway_isNotBroughtBackByIt() throws IOException {
    nodes.create("erasure:4+2").close();
    String data = "caches/c/run/x-0000.data";
    String index = "caches/c/run/x.index";
    try (PlacedStore store = nodes.open()) {
      store.createIfAbsent(KEY, bytes("passphrase"));
      store.createIfAbsent(index, sealed("index"));
      store.createIfAbsent(data, bytes("data"));
    }
    try (PlacedStore store = nodes.openWithout("b")) {
      store.delete(KEY);
      store.delete(index);
      store.delete(data);
    }
    try (PlacedStore store = nodes.open()) {
      assertThat(store.list("keys/")).isEmpty();
      assertThat(store.list("caches/")).isEmpty();
      assertThat(NodeCensus.take(store).objects()).isZero();
      NodeFindings findings = TestNodes.repair(store);
      assertThat(findings.removed()).isEqualTo(3);
      assertThat(findings.lost()).isEmpty();
      assertThat(findings.healthy()).isTrue();
    }
    assertThat(holders(KEY)).isEmpty();
    assertThat(nodes.pieces("b")).isEmpty();
    assertThat(holders(index + ".gone")).as("nobody can bring it back").isEmpty();
    assertThat(holders(KEY + ".gone")).as("a passphrase stays removed for good").hasSize(5);
  }

  @Test
  void delete_passphrase_staysDeletedWhenANodeIsSetBack() throws IOException {
    nodes.create("erasure:4+2").close();
    try (PlacedStore store = nodes.open()) {
      store.createIfAbsent(KEY, bytes("passphrase"));
    }
    Map<String, ByteBuffer> old = nodes.content("c");
    try (PlacedStore store = nodes.open()) {
      store.delete(KEY);
      assertThat(store.list("keys/")).isEmpty();
    }
    nodes.setTo("c", old);
    try (PlacedStore store = nodes.open()) {
      assertThat(store.list("keys/")).isEmpty();
      assertThat(TestNodes.repair(store).removed()).isEqualTo(1);
    }
    assertThat(holders(KEY)).isEmpty();
  }

  @Test
  void repair_copiesDiffer_keepsWhatTheMajorityHas() throws IOException {
    nodes.create("erasure:4+2").close();
    try (PlacedStore store = nodes.open()) {
      store.put("README.txt", bytes("hello"));
    }
    nodes.store("a").put("README.txt", bytes("jello"));
    try (PlacedStore store = nodes.open()) {
      assertThat(NodeCensus.take(store).degradedCopies())
          .as("a listing sees no difference")
          .isZero();
      assertThat(TestNodes.care(store, NodeCare.Options.scrub()).differing())
          .containsExactly("a: README.txt");
      NodeFindings repaired = TestNodes.care(store, NodeCare.Options.repairing().readingAll());
      assertThat(repaired.copied()).isEqualTo(1);
      assertThat(repaired.healthy()).isTrue();
    }
    assertThat(text(nodes.store("a").read("README.txt"))).isEqualTo("hello");
  }

  @Test
  void lease_commitNodeWipedAndTakenIn_goesOnWithItsChain() throws IOException {
    nodes.create("erasure:4+2").close();
    try (PlacedStore store = nodes.open()) {
      assertThat(TestNodes.repair(store).healthy()).isTrue();
    }
    nodes.wipe("a");
    try (PlacedStore store = nodes.open()) {
      assertThat(store.readOnlyBecause()).isPresent();
      assertThat(TestNodes.repair(store).healthy()).isTrue();
    }
    List<String> claims =
        nodes.content("a").keySet().stream()
            .filter(key -> key.startsWith("control/lease/nodes/"))
            .toList();
    assertThat(claims).hasSize(2);
  }

  private List<String> holders(String key) throws IOException {
    List<String> holders = new ArrayList<>();
    for (String id : nodes.ids()) {
      if (nodes.store(id).size(key).isPresent()) {
        holders.add(id);
      }
    }
    return holders;
  }

  /// What looks like a sealed object: its digest at the end.
  private static ByteBuffer sealed(String text) {
    byte[] content = text.repeat(100).getBytes(StandardCharsets.UTF_8);
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return ByteBuffer.allocate(content.length + digest.length).put(content).put(digest).flip();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }

  /// Takes no new object.
  private static final class NoCreate extends WatchedStore {
    NoCreate(ObjectStore store) {
      super(store);
    }

    @Override
    public boolean createIfAbsent(String key, ByteBuffer content) throws IOException {
      throw new IOException("injected");
    }
  }

  /// Lists nothing but where nodes are described.
  private static final class NoList extends WatchedStore {
    NoList(ObjectStore store) {
      super(store);
    }

    @Override
    public List<ObjectInfo> list(String directory) throws IOException {
      if (directory.equals(PlacementFile.DIRECTORY)) {
        return super.list(directory);
      }
      throw new IOException("injected");
    }
  }
}
