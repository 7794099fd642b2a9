package io.ringkeep.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.redis.rdb.LogicalType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PrefixTreeTest {
  private static void add(PrefixTree tree, String key, long bytes) {
    tree.add(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)), LogicalType.STRING, bytes);
  }

  @Test
  void add_wordsBehindSeparators_countsEachBeginning() {
    PrefixTree tree = new PrefixTree("::", 100);
    add(tree, "user::1::name", 10);
    add(tree, "user::1::mail", 20);
    add(tree, "user::2", 5);
    add(tree, "plain", 1);

    assertThat(tree.root().keys()).isEqualTo(4);
    assertThat(tree.root().bytes()).isEqualTo(36);
    PrefixTree.Child user = tree.root().children(5).getFirst();
    assertThat(user.word()).isEqualTo("user::");
    assertThat(user.branch().keys()).isEqualTo(3);
    assertThat(user.branch().children(5).getFirst().branch().bytes()).isEqualTo(30);
    assertThat(user.branch().atLeast()).isFalse();
  }

  @Test
  void add_moreBranchesThanFit_keepsTotalsAndTheHeavyOnesAndSaysSo() {
    PrefixTree tree = new PrefixTree(":", 1_000);
    for (int i = 0; i < 50_000; i++) {
      add(tree, "id:" + i + ":x", 1);
      if (i % 10 == 0) {
        add(tree, "id:heavy:x", 100);
      }
    }

    PrefixTree.Branch ids = tree.root().children(5).getFirst().branch();
    assertThat(tree.root().keys()).isEqualTo(55_000);
    assertThat(ids.bytes()).isEqualTo(550_000);
    assertThat(ids.size()).isLessThanOrEqualTo(1_000);
    assertThat(ids.pruned()).isTrue();
    PrefixTree.Child heavy = ids.children(1).getFirst();
    assertThat(heavy.word()).isEqualTo("heavy:");
    assertThat(heavy.branch().bytes()).isEqualTo(500_000);
    assertThat(heavy.branch().atLeast()).isFalse();
    assertThat(ids.children(2).getLast().branch().atLeast()).isTrue();
  }
}
