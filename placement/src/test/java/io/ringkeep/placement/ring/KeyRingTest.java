package io.ringkeep.placement.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.ServerRing;
import io.ringkeep.model.ServerRing.Client;
import io.ringkeep.model.ServerRing.Hash;
import io.ringkeep.model.ServerRing.Member;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Keys are found where Twemproxy, Jedis and spymemcached themselves found them; the files in
/// `golden/rings` say how they were asked.
class KeyRingTest {
  private static final List<Member> FIVE = members(1, 1, 1, 1, 1);

  private static List<Member> members(int... weights) {
    return IntStream.range(0, weights.length)
        .mapToObj(i -> new Member("10.0.0." + (i + 1), 6379, weights[i], Optional.empty()))
        .toList();
  }

  private static List<Member> named(String... names) {
    return IntStream.range(0, names.length)
        .mapToObj(i -> new Member("10.0.0." + (i + 1), 6379, 1, Optional.of(names[i])))
        .toList();
  }

  private static List<String[]> golden(String client) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    KeyRingTest.class.getResourceAsStream("/golden/rings/" + client + ".txt")),
                StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(" ", -1))
          .toList();
    }
  }

  private static ByteBuffer utf8(String key) {
    return ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8));
  }

  private static Hash hash(String word) {
    return Hash.valueOf(word.toUpperCase(Locale.ROOT));
  }

  @Test
  void owner_keysOfTwemproxy_areFoundWhereItFindsThem() throws IOException {
    List<Member> members =
        List.of(
            Member.of("10.0.0.1", 6379),
            new Member("10.0.0.2", 6379, 2, Optional.empty()),
            Member.of("10.0.0.3", 6379),
            new Member("10.0.0.4", 6379, 3, Optional.of("alpha")),
            Member.of("10.0.0.5", 11211));
    for (String[] line : golden("twemproxy")) {
      String what = String.join(" ", line);
      if (line[0].equals("hash")) {
        assertThat(KeyHash.of(hash(line[1]), ByteBuffer.wrap(HexFormat.of().parseHex(line[2]))))
            .as(what)
            .isEqualTo(Long.parseLong(line[3]));
      } else {
        KeyRing ring = new KeyRing(new ServerRing(Client.TWEMPROXY, hash(line[1]), "", members));
        assertThat(ring.owner(utf8(line[2]))).as(what).isEqualTo(Integer.parseInt(line[3]));
      }
    }
  }

  @Test
  void owner_keysOfJedis_areFoundWhereItFindsThem() throws IOException {
    Map<String, List<Member>> rings =
        Map.of(
            "plain", FIVE,
            "weighted", members(1, 3, 2),
            "named", named("alpha", "beta", "gamma"));
    for (String[] line : golden("jedis")) {
      KeyRing ring =
          new KeyRing(
              new ServerRing(
                  Client.JEDIS,
                  hash(line[1]),
                  line[2].equals("-") ? "" : line[2],
                  Objects.requireNonNull(rings.get(line[0]))));
      assertThat(ring.owner(utf8(line[3])))
          .as(String.join(" ", line))
          .isEqualTo(Integer.parseInt(line[4]));
    }
  }

  @Test
  void owner_keysOfSpymemcached_areFoundWhereItFindsThem() throws IOException {
    Map<String, List<Member>> rings =
        Map.of(
            "many",
                members(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
            "weighted", members(1, 3, 2),
            "looked-up",
                named("cache-a/10.0.0.1:6379", "cache-b/10.0.0.2:6379", "cache-c/10.0.0.3:6379"));
    for (String[] line : golden("spymemcached")) {
      KeyRing ring =
          new KeyRing(
              ServerRing.of(Client.SPYMEMCACHED, Objects.requireNonNull(rings.get(line[0]))));
      assertThat(ring.owner(utf8(line[1])))
          .as(String.join(" ", line))
          .isEqualTo(Integer.parseInt(line[2]));
    }
  }

  /// Source: `server_pool_idx` in `nc_server.c`: what is between the first such characters, unless
  /// nothing is.
  @Test
  void owner_tagOfTwemproxy_isAllThatCounts() {
    KeyRing plain = new KeyRing(ServerRing.of(Client.TWEMPROXY, FIVE));
    KeyRing tagged = new KeyRing(new ServerRing(Client.TWEMPROXY, Hash.FNV1A_64, "{}", FIVE));
    KeyRing dollars = new KeyRing(new ServerRing(Client.TWEMPROXY, Hash.FNV1A_64, "$$", FIVE));
    for (int i = 0; i < 100; i++) {
      int owner = plain.owner(utf8("id" + i));
      assertThat(tagged.owner(utf8("a{id" + i + "}b}"))).isEqualTo(owner);
      assertThat(dollars.owner(utf8("a$id" + i + "$b$"))).isEqualTo(owner);
      for (String whole : List.of("{}{x" + i + "}", "}{y" + i, "z" + i + "{}")) {
        assertThat(tagged.owner(utf8(whole))).isEqualTo(plain.owner(utf8(whole)));
      }
    }
  }

  @Test
  void owner_partOfABuffer_isHashedAlone() {
    ByteBuffer buffer = utf8("before{id}after");
    for (Hash hash : Hash.values()) {
      ByteBuffer key = buffer.duplicate().position(7).limit(9);
      assertThat(KeyHash.of(hash, key)).isEqualTo(KeyHash.of(hash, utf8("id")));
      assertThat(key.remaining()).isEqualTo(2);
    }
    KeyRing ring = new KeyRing(new ServerRing(Client.TWEMPROXY, Hash.MURMUR, "{}", FIVE));
    assertThat(ring.owner(buffer.duplicate().position(3)))
        .isEqualTo(ring.owner(utf8("ore{id}after")));
  }

  @Test
  void new_ringThatNoClientHas_isRefused() {
    List<Runnable> wrong =
        List.of(
            () -> ServerRing.of(Client.TWEMPROXY, List.of()),
            () -> ServerRing.of(Client.TWEMPROXY, List.of(FIVE.get(0), FIVE.get(0))),
            () -> ServerRing.of(Client.TWEMPROXY, named("a", "a")),
            () -> ServerRing.of(Client.SPYMEMCACHED, List.of(Member.of("cache", 6379))),
            () -> new ServerRing(Client.SPYMEMCACHED, Hash.CRC32, "", FIVE),
            () -> new ServerRing(Client.JEDIS, Hash.FNV1A_64, "", FIVE),
            () -> new ServerRing(Client.JEDIS, Hash.MURMUR64, "$$", FIVE),
            () -> new ServerRing(Client.TWEMPROXY, Hash.MURMUR64, "", FIVE),
            () -> new ServerRing(Client.TWEMPROXY, Hash.MD5, "{", FIVE),
            () -> new Member("a", 1, 0, Optional.empty()),
            () -> new Member("a", 1, 1, Optional.of("")));
    for (Runnable one : wrong) {
      assertThatThrownBy(one::run).isInstanceOf(InvalidRequest.class);
    }
  }

  @Test
  void weights_beyondWhatARingCanHold_areRefused() {
    assertThatThrownBy(() -> members(1_000_001)).isInstanceOf(InvalidRequest.class);
    assertThatThrownBy(() -> ServerRing.of(Client.JEDIS, members(100_000, 1)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("weights=100001");
    // The others divide weights by their sum.
    ServerRing large = ServerRing.of(Client.TWEMPROXY, members(1_000_000, 500_000));
    KeyRing small = new KeyRing(ServerRing.of(Client.TWEMPROXY, members(2, 1)));
    assertThat(new KeyRing(large).owner(utf8("user:1"))).isEqualTo(small.owner(utf8("user:1")));
  }
}
