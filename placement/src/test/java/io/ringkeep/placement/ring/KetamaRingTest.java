package io.ringkeep.placement.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Facts that other programs publish about their own rings: who finds keys where they find them can
/// stand in for them.
class KetamaRingTest {
  private static KetamaRing local(int servers) {
    return equal(IntStream.range(0, servers).mapToObj(i -> "127.0.0.1:" + (10000 + i)).toList());
  }

  private static KetamaRing equal(List<String> names) {
    int[] weights = new int[names.size()];
    Arrays.fill(weights, 1);
    return new KetamaRing(names, weights);
  }

  /// Source: `KetamaNodeLocatorTest` of spymemcached, lookups, resizing and compatibility with
  /// libketama.
  @ParameterizedTest
  @CsvSource({
    "4,dustin,0",
    "4,noelani,2",
    "4,some other key,0",
    "4,V5XS8C8N,3",
    "4,8KR2DKR2,3",
    "4,L9KH6X4X,3",
    "5,dustin,0",
    "5,noelani,2",
    "5,some other key,4",
    "5,36,2",
    "5,10037,3",
    "5,22051,1",
    "5,49044,4"
  })
  void node_keysOfSpymemcached_areFoundWhereItFindsThem(int servers, String key, int node) {
    assertThat(local(servers).node(key)).isEqualTo(node);
  }

  /// Source: the same test's table of keys for eight servers, made by libketama.
  @ParameterizedTest
  @CsvSource({
    "0,1",
    "233,7",
    "466,3",
    "699,1",
    "932,6",
    "1165,2",
    "1864,5",
    "3728,8",
    "3961,4",
    "50561,5",
    "94132,2",
    "126985,7"
  })
  void node_keysOfLibketama_areFoundWhereItFindsThem(String key, int server) {
    KetamaRing ring =
        equal(IntStream.rangeClosed(1, 8).mapToObj(i -> "10.0.1." + i + ":11211").toList());

    assertThat(ring.node(key)).isEqualTo(server - 1);
  }

  @Test
  void highestPoint_ofFourServers_isWhatSpymemcachedHas() {
    assertThat(local(4).highestPoint()).isEqualTo(4294887009L);
    assertThat(local(4).pointCount()).isEqualTo(640);
  }

  /// Source: `ketama_test_cases.h` of libmemcached: key, its hash, its server of eight with
  /// weights. Servers on port 11211 go by their host alone there, as in Twemproxy.
  @ParameterizedTest
  @CsvSource({
    "SVa_]_V41),443691461,7",
    "30C1*Z*S/_,1473165754,2",
    "ERR:EC58G>,2148406511,7",
    "1I=cTMNTKF,2882686667,5",
    "P1[Ma3=K1/,1989324036,8",
    "C89I.-V?cT,1604239957,8",
    "D[HE+cFXDK,2117036136,3",
    "EM75N0+[X1,1558531507,4",
    "+550F^/.01,3781824099,6",
    "8*6a;Sc*X+,4223431086,2",
    "4*=.SPR[AV,3928582722,1",
    "0OZH^9BKM[,3682518606,8"
  })
  void node_weightedKeysOfLibmemcached_areFoundWhereItFindsThem(String key, long hash, int server) {
    KetamaRing ring = weighted();

    assertThat(KetamaRing.hash(key)).isEqualTo(hash);
    assertThat(ring.node(key)).isEqualTo(server - 1);
    assertThat(ring.nodeAt(hash)).isEqualTo(server - 1);
  }

  /// Source: `ketama.cpp` of libmemcached's tests: this key hashes to fffcd1b5, behind the last
  /// point.
  @Test
  void node_hashBehindTheLastPoint_wrapsToTheFirst() {
    KetamaRing ring = weighted();

    assertThat(KetamaRing.hash("VDEAAAAA"))
        .isEqualTo(0xfffcd1b5L)
        .isGreaterThan(ring.highestPoint());
    assertThat(ring.node("VDEAAAAA")).isEqualTo(ring.nodeAt(0));
  }

  @Test
  void new_badRing_isRefused() {
    assertThatThrownBy(() -> new KetamaRing(List.of(), new int[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new KetamaRing(List.of("a"), new int[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new KetamaRing(List.of("a"), new int[] {0}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> KetamaRing.textbook(List.of("a"), new int[] {1}, 101))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void textbook_weights_areMultiplesOfThePoints() {
    assertThat(KetamaRing.textbook(List.of("a", "b"), new int[] {1, 3}, 100).pointCount())
        .isEqualTo(400);
  }

  private static KetamaRing weighted() {
    return new KetamaRing(
        IntStream.rangeClosed(1, 8).mapToObj(i -> "10.0.1." + i).toList(),
        new int[] {600, 300, 200, 350, 1000, 800, 950, 100});
  }
}
