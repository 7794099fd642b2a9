package io.ringkeep.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotRangeTest {
  @Test
  void contains_bothEnds_areInside() {
    SlotRange range = new SlotRange(5, 7);
    assertThat(range.contains(4)).isFalse();
    assertThat(range.contains(5)).isTrue();
    assertThat(range.contains(7)).isTrue();
    assertThat(range.contains(8)).isFalse();
    assertThat(range.slotCount()).isEqualTo(3);
    assertThat(SlotRange.ALL.slotCount()).isEqualTo(16384);
  }

  @Test
  void new_outsideTheRing_isRefused() {
    assertThatThrownBy(() -> new SlotRange(-1, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SlotRange(0, 16384)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SlotRange(4, 3)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "0-5460", "0-16383", "16383"})
  void parse_whatToStringWrites_readsItBack(String text) {
    assertThat(SlotRange.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "5-", "-5", "7-5", "a", "0-16384", "1-2-3", "5 - 7", "+5"})
  void parse_anythingElse_isRefused(String text) {
    assertThatThrownBy(() -> SlotRange.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void covering_randomSlots_givesTheFewestRangesThatHoldExactlyThese() {
    Random random = SeededRandom.create("SlotRangeTest");
    for (int round = 0; round < 200; round++) {
      int from = random.nextInt(SlotRange.ALL.slotCount() - 100);
      Set<Integer> slots = new TreeSet<>();
      for (int i = random.nextInt(100); i > 0; i--) {
        slots.add(from + random.nextInt(100));
      }
      List<SlotRange> ranges = SlotRange.covering(slots);
      List<Integer> held = new ArrayList<>();
      for (SlotRange range : ranges) {
        for (int slot = range.first(); slot <= range.last(); slot++) {
          held.add(slot);
        }
      }
      assertThat(held).containsExactlyElementsOf(slots);
      for (int i = 1; i < ranges.size(); i++) {
        assertThat(ranges.get(i).first()).isGreaterThan(ranges.get(i - 1).last() + 1);
      }
    }
  }

  @Test
  void covering_nothing_isNoRange() {
    assertThat(SlotRange.covering(List.of())).isEmpty();
    assertThat(SlotRange.covering(List.of(3, 1, 2, 2))).containsExactly(new SlotRange(1, 3));
  }

  @Test
  void compareTo_ranges_areOrderedByTheirFirstSlot() {
    assertThat(new SlotRange(3, 9)).isLessThan(new SlotRange(4, 5));
  }
}
