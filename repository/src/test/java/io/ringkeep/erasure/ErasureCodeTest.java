package io.ringkeep.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.repository.Seeds;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErasureCodeTest {
  private static final int[] SIZES = {0, 1, 15, 16, 17, 63, 64, 65, 130};

  /// Loses the pieces whose bits are set and expects all of them back, and nothing else changed.
  private static void loseAndRebuild(ErasureCode code, ByteBuffer[] pieces, long lost) {
    int bytes = pieces[0].remaining();
    @Nullable ByteBuffer[] present = Pieces.without(pieces, lost);
    @Nullable ByteBuffer[] into = Pieces.missing(present, bytes);

    code.rebuild(present, into);

    for (int i = 0; i < pieces.length; i++) {
      ByteBuffer rebuilt = into[i];
      if (rebuilt != null) {
        String piece = "piece %d of %d+%d, lost %s, %d bytes";
        assertThat(rebuilt.equals(pieces[i]) && Pieces.untouchedAround(rebuilt, bytes))
            .as(piece, i, code.dataPieces(), code.parityPieces(), Long.toBinaryString(lost), bytes)
            .isTrue();
      }
    }
  }

  static Stream<Kernel> kernels() {
    return Pieces.kernels();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void rebuild_everySetOfLossesOfSmallCodes_givesAllBack(Kernel kernel) {
    Random random = Seeds.random("ErasureCodeTest");
    for (int k = 1; k <= 6; k++) {
      for (int m = 1; m <= 4; m++) {
        ErasureCode code = ErasureCode.of(k, m, kernel);
        for (int bytes : SIZES) {
          ByteBuffer[] pieces = Pieces.coded(code, Pieces.random(k, bytes, random));
          for (long lost = 0; lost < 1L << (k + m); lost++) {
            if (Long.bitCount(lost) <= m) {
              loseAndRebuild(code, pieces, lost);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void rebuild_anyTwoOfFourPlusTwo_givesAllBackAtEveryLength(Kernel kernel) {
    Random random = Seeds.random("ErasureCodeTest");
    ErasureCode code = ErasureCode.of(4, 2, kernel);
    for (int bytes : new int[] {8191, 8192, 8193, 64 * 1024 + 3, (1 << 20) - 1}) {
      ByteBuffer[] pieces = Pieces.coded(code, Pieces.random(4, bytes, random));
      for (int a = 0; a < 6; a++) {
        for (int b = a + 1; b < 6; b++) {
          loseAndRebuild(code, pieces, 1L << a | 1L << b);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void rebuild_largerCodes_giveBackWhatChanceTakes(Kernel kernel) {
    Random random = Seeds.random("ErasureCodeTest");
    for (int round = 0; round < 300; round++) {
      int k = 1 + random.nextInt(32);
      int m = 1 + random.nextInt(16);
      ErasureCode code = ErasureCode.of(k, m, kernel);
      ByteBuffer[] pieces = Pieces.coded(code, Pieces.random(k, random.nextInt(300), random));
      long lost = 0;
      while (Long.bitCount(lost) < m) {
        lost |= 1L << random.nextInt(k + m);
      }
      loseAndRebuild(code, pieces, lost);
    }
  }

  @ParameterizedTest
  @CsvSource({"1,254", "254,1", "128,127", "200,55"})
  void rebuild_mostPieces_givesBackAllLosses(int k, int m) {
    Random random = Seeds.random("ErasureCodeTest");
    ErasureCode code = ErasureCode.of(k, m);
    ByteBuffer[] pieces = Pieces.coded(code, Pieces.random(k, 19, random));
    @Nullable ByteBuffer[] present = pieces.clone();
    random.ints(0, k + m).distinct().limit(m).forEach(i -> present[i] = null);
    @Nullable ByteBuffer[] into = Pieces.missing(present, 19);

    code.rebuild(present, into);

    for (int i = 0; i < pieces.length; i++) {
      if (into[i] != null) {
        assertThat(into[i]).isEqualTo(pieces[i]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void encode_buffersWithRanges_keepsPositionsAndWhatLiesAround(Kernel kernel) {
    ErasureCode code = ErasureCode.of(3, 3, kernel);
    for (int bytes : SIZES) {
      ByteBuffer[] pieces =
          Pieces.coded(code, Pieces.random(3, bytes, Seeds.random("ErasureCodeTest")));

      assertThat(pieces).allMatch(piece -> Pieces.untouchedAround(piece, bytes));
    }
  }

  @Test
  void encode_readOnlyData_isRead() {
    ErasureCode code = ErasureCode.of(2, 1);
    ByteBuffer[] data = Pieces.random(2, 9, new Random(1));
    ByteBuffer[] expected = Pieces.empty(1, 9);
    ByteBuffer[] actual = Pieces.empty(1, 9);
    code.encode(data, expected);
    code.encode(new ByteBuffer[] {data[0].asReadOnlyBuffer(), data[1].asReadOnlyBuffer()}, actual);

    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void rebuild_onlySomeOfTheMissingWanted_writesThoseAlone() {
    ErasureCode code = ErasureCode.of(4, 2);
    ByteBuffer[] pieces = Pieces.coded(code, Pieces.random(4, 33, new Random(1)));
    @Nullable ByteBuffer[] present = Pieces.without(pieces, 0b100010);
    @Nullable ByteBuffer[] into = new ByteBuffer[6];
    into[5] = Pieces.empty(33);
    code.rebuild(present, into);
    assertThat(into[5]).isEqualTo(pieces[5]);

    // The same losses with another wish: what was kept from the call before doesn't fit.
    into[1] = Pieces.empty(33);
    into[5] = null;
    code.rebuild(present, into);
    assertThat(into[1]).isEqualTo(pieces[1]);
  }

  @Test
  void rebuild_nothingWanted_doesNothing() {
    ErasureCode code = ErasureCode.of(2, 2);
    ByteBuffer[] pieces = Pieces.coded(code, Pieces.random(2, 5, new Random(1)));

    code.rebuild(Pieces.without(pieces, 0b0110), new ByteBuffer[4]);

    assertThat(pieces).allMatch(piece -> Pieces.untouchedAround(piece, 5));
  }

  @Test
  void rebuild_manyThreadsWithOtherLosses_eachGetsItsOwn() {
    ErasureCode code = ErasureCode.of(4, 2);
    ByteBuffer[] pieces = Pieces.coded(code, Pieces.random(4, 100, new Random(1)));

    IntStream.range(0, 4000)
        .parallel()
        .forEach(i -> loseAndRebuild(code, pieces, 1L << i % 6 | 1L << i / 6 % 6));
  }

  @ParameterizedTest
  @CsvSource({"0,4,0", "1,4,1", "4,4,1", "5,4,2", "7,3,3", "9000000000,4,2250000000"})
  void pieceBytes_contentThatDoesNotDivide_isRoundedUp(long content, int k, long bytes) {
    assertThat(ErasureCode.of(k, 1).pieceBytes(content)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({"0,1", "1,0", "-1,2", "254,2", "255,1", "2147483647,2147483647"})
  void of_shapeThatCannotBe_isRefused(int k, int m) {
    assertThatThrownBy(() -> ErasureCode.of(k, m))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no such erasure code: data=%d parity=%d, each at least 1, in sum at most 255", k, m);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void encode_wrongNumberOfBuffers_isRefused(int count) {
    ErasureCode code = ErasureCode.of(2, 2);

    assertThatThrownBy(() -> code.encode(Pieces.empty(count, 8), Pieces.empty(2, 8)))
        .hasMessage("wrong number of buffers: data=%d expected=2", count);
    assertThatThrownBy(() -> code.encode(Pieces.empty(2, 8), Pieces.empty(count, 8)))
        .hasMessage("wrong number of buffers: parity=%d expected=2", count);
  }

  @Test
  void encode_buffersOfWrongKind_areRefusedBeforeAnythingIsWritten() {
    ErasureCode code = ErasureCode.of(2, 1);
    ByteBuffer good = Pieces.empty(8);
    ByteBuffer[] parity = Pieces.empty(1, 8);

    assertThatThrownBy(() -> code.encode(new ByteBuffer[] {good, Pieces.empty(9)}, parity))
        .hasMessage("buffers differ in size: data[1]=9 expected=8");
    assertThatThrownBy(() -> code.encode(new ByteBuffer[] {good, ByteBuffer.allocate(8)}, parity))
        .hasMessage("buffer is not direct: data[1]");
    assertThatThrownBy(() -> code.encode(new ByteBuffer[2], parity))
        .hasMessage("buffer is missing: data[0]");
    assertThatThrownBy(() ->
            code.encode(new ByteBuffer[] {good, good}, new ByteBuffer[] {good.asReadOnlyBuffer()}))
        .hasMessage("buffer is read-only: parity[0]");
    assertThat(parity).isEqualTo(Pieces.empty(1, 8));
  }

  @Test
  void rebuild_whatCannotBe_isRefused() {
    ErasureCode code = ErasureCode.of(4, 2);
    ByteBuffer[] pieces = Pieces.coded(code, Pieces.random(4, 8, new Random(1)));

    assertThatThrownBy(
            () -> code.rebuild(Pieces.without(pieces, 0b000111), new @Nullable ByteBuffer[6]))
        .hasMessage("too few pieces to rebuild from: present=3 needed=4");
    assertThatThrownBy(() -> code.rebuild(pieces, Pieces.empty(6, 8)))
        .hasMessage("piece to rebuild is present: index=0");
    assertThatThrownBy(() -> code.rebuild(new @Nullable ByteBuffer[5], Pieces.empty(6, 8)))
        .hasMessage("wrong number of buffers: pieces=5 expected=6");
    @Nullable ByteBuffer[] present = Pieces.without(pieces, 1);
    assertThatThrownBy(() -> code.rebuild(present, Pieces.missing(present, 7)))
        .hasMessage("buffers differ in size: into[0]=7 expected=8");
  }
}
