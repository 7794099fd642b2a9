package io.ringkeep.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlotDigestTest {
  private static final BigInteger TWO_TO_THE_128TH = BigInteger.ONE.shiftLeft(128);

  @Test
  void plus_lowerHalfOverflows_carries() {
    SlotDigest digest = new SlotDigest(1, 5, -1).plus(new Fingerprint(0, 1));
    assertThat(digest).isEqualTo(new SlotDigest(2, 6, 0));
  }

  @Test
  void plus_bothHalvesOverflow_wrapsAround() {
    SlotDigest digest = new SlotDigest(1, -1, -1).plus(new Fingerprint(0, 1));
    assertThat(digest).isEqualTo(new SlotDigest(2, 0, 0));
  }

  @Test
  void minus_lowerHalfTooSmall_borrows() {
    SlotDigest digest = new SlotDigest(1, 6, 0).minus(new Fingerprint(0, 1));
    assertThat(digest).isEqualTo(new SlotDigest(0, 5, -1));
  }

  @Test
  void minus_fromNothing_isAChangeWithANegativeCount() {
    SlotDigest change = SlotDigest.EMPTY.minus(new Fingerprint(1, 2));
    assertThat(change.records()).isEqualTo(-1);
    assertThat(change.plus(new SlotDigest(3, 1, 2))).isEqualTo(new SlotDigest(2, 0, 0));
  }

  @Test
  void plusAndMinus_randomDigests_areArithmeticModuloTwoToThe128th() {
    Random random = SeededRandom.create("SlotDigestTest");
    for (int round = 0; round < 5000; round++) {
      SlotDigest a = digest(random);
      SlotDigest b = digest(random);
      assertThat(value(a.plus(b))).isEqualTo(value(a).add(value(b)).mod(TWO_TO_THE_128TH));
      assertThat(value(a.minus(b))).isEqualTo(value(a).subtract(value(b)).mod(TWO_TO_THE_128TH));
      assertThat(a.plus(b).minus(b)).isEqualTo(a);
      assertThat(a.plus(b)).isEqualTo(b.plus(a));
      assertThat(a.plus(b).records()).isEqualTo(a.records() + b.records());
    }
  }

  @Test
  void toString_digest_isCountAnd32HexDigits() {
    assertThat(new SlotDigest(-3, 1, -1)).hasToString("-3:0000000000000001ffffffffffffffff");
    assertThat(new Fingerprint(0, 255)).hasToString("000000000000000000000000000000ff");
  }

  /// Halves at the edges as often as in between.
  private static SlotDigest digest(Random random) {
    return new SlotDigest(random.nextInt(2001) - 1000, half(random), half(random));
  }

  private static long half(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> 0;
      case 1 -> -1;
      case 2 -> Long.MIN_VALUE;
      case 3 -> Long.MAX_VALUE;
      default -> random.nextLong();
    };
  }

  private static BigInteger value(SlotDigest digest) {
    return new BigInteger(Long.toUnsignedString(digest.high()))
        .shiftLeft(64)
        .add(new BigInteger(Long.toUnsignedString(digest.low())));
  }
}
