package io.ringkeep.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PositionTest {
  @Test
  void of_anyHash_keepsTheSlotInFront() {
    for (int slot : new int[] {0, 1, 8191, 8192, 16383}) {
      for (long hash : new long[] {0, 1, -1, Long.MIN_VALUE, 0x3ffff_ffff_ffffL}) {
        long position = Position.of(slot, hash);
        assertThat(Position.slot(position)).isEqualTo(slot);
        assertThat(position & 0x3ffff_ffff_ffffL).isEqualTo(hash & 0x3ffff_ffff_ffffL);
        assertThat(Long.compareUnsigned(Position.first(slot), position)).isNotPositive();
        assertThat(Long.compareUnsigned(position, Position.last(slot))).isNotPositive();
      }
    }
  }

  @Test
  void firstAndLast_neighbouringSlots_leaveNoGap() {
    assertThat(Position.first(0)).isZero();
    assertThat(Position.last(16383)).isEqualTo(-1L);
    for (int slot = 1; slot < Slot.COUNT; slot++) {
      assertThat(Position.first(slot)).isEqualTo(Position.last(slot - 1) + 1);
    }
  }
}
