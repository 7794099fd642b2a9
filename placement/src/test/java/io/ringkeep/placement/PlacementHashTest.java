package io.ringkeep.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementHashTest {
  /// Frozen: another program that makes the next table has to get these.
  @ParameterizedTest
  @CsvSource({
    "'',56f5822387872c36,7006b96e1d583c78,7d24a9ca6ffc6b4b",
    "a,ea9bff3637f529ba,6a3927eab549bbb1,7306fa298744bd1e",
    "snapshot/0001,23dc1b52e2931d53,3a5a6e443ff9f890,f81c871b9c56cf5c",
    "größe,696414e7af0b2155,205eb2c4b96865d9,d362229737719dab"
  })
  void names_ofTheFormat_hashToTheFrozenVectors(
      String name, String object, String node, String zone) {
    assertThat(PlacementHash.ofObject(name)).isEqualTo(Long.parseUnsignedLong(object, 16));
    assertThat(PlacementHash.ofNode(name)).isEqualTo(Long.parseUnsignedLong(node, 16));
    assertThat(PlacementHash.ofZone(name)).isEqualTo(Long.parseUnsignedLong(zone, 16));
  }

  @Test
  void draws_ofTheFormat_equalTheFrozenVectors() {
    assertThat(PlacementHash.draw(0, 0)).isEqualTo(0x48218226ff3cd4bfL);
    assertThat(PlacementHash.draw(1, 0)).isEqualTo(0x9e0160293a33aaf7L);
    long draw = PlacementHash.draw(PlacementHash.ofNode("a"), 7);
    assertThat(draw).isEqualTo(0xfb6026eaed806077L);
    assertThat(PlacementHash.score(2.5, PlacementHash.unit(draw))).isEqualTo(0x1.1248e223db98ap7);
  }

  @Test
  void unit_lowestAndHighestDraw_staysInside() {
    assertThat(PlacementHash.unit(0)).isGreaterThan(0);
    assertThat(PlacementHash.unit(-1)).isLessThan(1);
    assertThat(PlacementHash.unit(1L << 63)).isCloseTo(0.5, offset(1e-15));
  }

  @Test
  void mayExceed_anyDraw_neverRulesOutAHigherScore() {
    Random random = SeededRandom.create("PlacementHashTest");
    for (int round = 0; round < 10_000; round++) {
      double weight = Math.exp(20 * random.nextDouble() - 10);
      /* Near 1 is where winners are. */
      double unit = PlacementHash.unit(-(random.nextLong() >>> 1 >>> random.nextInt(50)) - 1);
      double score = PlacementHash.score(weight, unit);
      assertThat(PlacementHash.mayExceed(weight, unit, score * (1 - 1e-15))).isTrue();
    }
  }
}
