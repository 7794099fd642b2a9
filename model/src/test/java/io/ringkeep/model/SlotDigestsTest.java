package io.ringkeep.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SlotDigestsTest {
  private static final Fingerprint ONE = new Fingerprint(1, -1);
  private static final Fingerprint TWO = new Fingerprint(2, 3);

  @Test
  void add_inAnyOrderAndSplit_givesTheSameDigests() {
    SlotDigests forwards = new SlotDigests();
    forwards.add(7, ONE);
    forwards.add(7, TWO);
    forwards.add(16383, ONE);
    SlotDigests half = new SlotDigests();
    half.add(16383, ONE);
    half.add(7, TWO);
    SlotDigests joined = new SlotDigests();
    joined.add(7, ONE);
    joined.add(half);
    assertThat(joined.differing(forwards)).isEmpty();
    assertThat(joined.total()).isEqualTo(forwards.total());
    assertThat(joined.total()).isEqualTo(new SlotDigest(3, 6, 1));
    assertThat(joined.get(7)).isEqualTo(new SlotDigest(2, 4, 2));
  }

  @Test
  void remove_whatWasAdded_leavesNothing() {
    SlotDigests digests = new SlotDigests();
    digests.add(3, ONE);
    digests.add(3, TWO);
    digests.remove(3, ONE);
    digests.remove(3, TWO);
    assertThat(digests.differing(new SlotDigests())).isEmpty();
    assertThat(digests.total()).isEqualTo(SlotDigest.EMPTY);
  }

  @Test
  void differing_slots_areNamedAsRanges() {
    SlotDigests digests = new SlotDigests();
    digests.add(3, ONE);
    digests.add(4, TWO);
    digests.add(9, new SlotDigest(0, 0, 1));
    assertThat(digests.differing(new SlotDigests()))
        .isEqualTo(List.of(new SlotRange(3, 4), new SlotRange(9, 9)));
    assertThat(new SlotDigests().differing(digests))
        .isEqualTo(List.of(new SlotRange(3, 4), new SlotRange(9, 9)));
  }

  @Test
  void differing_sameTotalInOtherSlots_isSeen() {
    SlotDigests here = new SlotDigests();
    here.add(1, ONE);
    SlotDigests there = new SlotDigests();
    there.add(2, ONE);
    assertThat(here.total()).isEqualTo(there.total());
    assertThat(here.differing(there)).containsExactly(new SlotRange(1, 2));
  }
}
