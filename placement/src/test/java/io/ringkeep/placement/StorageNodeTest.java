package io.ringkeep.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StorageNodeTest {
  @Test
  void of_anId_isActiveAndLocalAndAZoneOfItsOwn() {
    assertThat(StorageNode.of("a"))
        .isEqualTo(new StorageNode("a", 1, "a", StorageNode.Tier.LOCAL, StorageNode.State.ACTIVE));
  }

  @Test
  void with_anotherValue_changesOnlyThat() {
    StorageNode node =
        StorageNode.of("a")
            .withWeight(2.5)
            .withZone("rack1")
            .withTier(StorageNode.Tier.REMOTE)
            .withState(StorageNode.State.LOST);

    assertThat(node)
        .isEqualTo(
            new StorageNode("a", 2.5, "rack1", StorageNode.Tier.REMOTE, StorageNode.State.LOST));
    assertThat(node.active()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", ".", "a b", "a/b", "ü", "a\n"})
  void new_badName_isRefused(String name) {
    StorageNode node = StorageNode.of("a");
    assertThatThrownBy(() -> StorageNode.of(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> node.withZone(name)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1e7, 1e-7})
  void new_badWeight_isRefused(double weight) {
    StorageNode node = StorageNode.of("a");
    assertThatThrownBy(() -> node.withWeight(weight)).isInstanceOf(IllegalArgumentException.class);
  }
}
