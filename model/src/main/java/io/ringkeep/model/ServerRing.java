package io.ringkeep.model;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Standalone servers that clients place keys on by a ring, as the clients' configuration has them.
///
/// No server knows of the others, so all of it has to be told as the clients are told: another
/// client, name, weight or order is another ring.
///
/// @param client whose way of placing keys it is
/// @param hash of a key
/// @param tag two characters: of a key that has something between them only that is hashed; or
///   empty
/// @param members in the clients' order
public record ServerRing(Client client, Hash hash, String tag, List<Member> members) {
  private static final int MEMCACHED_PORT = 11_211;

  private static final int MOST_WEIGHT = 1_000_000;

  /// Of all servers together: Jedis makes 160 points for each 1, in memory.
  private static final int MOST_JEDIS_WEIGHT = 10_000;

  /// Programs that place keys on a ring, each in its own way.
  public enum Client {
    /// `distribution: ketama`. Keys by the setting `hash`, `fnv1a_64` if there is none.
    TWEMPROXY(Hash.FNV1A_64),
    /// `ShardedJedis` and `JedisSharding`. Servers by their order unless they have names.
    JEDIS(Hash.MURMUR64),
    /// `KetamaNodeLocator` with `KETAMA_HASH`.
    SPYMEMCACHED(Hash.MD5);

    private final Hash usual;

    Client(Hash usual) {
      this.usual = usual;
    }

    private Set<Hash> hashes() {
      return switch (this) {
        case TWEMPROXY -> EnumSet.complementOf(EnumSet.of(Hash.MURMUR64));
        case JEDIS -> EnumSet.of(Hash.MURMUR64, Hash.MD5);
        case SPYMEMCACHED -> EnumSet.of(Hash.MD5);
      };
    }

    private boolean takes(String tag) {
      return tag.isEmpty()
          || switch (this) {
            case TWEMPROXY ->
                tag.length() == 2 && tag.chars().allMatch(one -> one > ' ' && one < 0x7f);
            // DEFAULT_KEY_TAG_PATTERN; nobody could tell another one's meaning.
            case JEDIS -> tag.equals("{}");
            case SPYMEMCACHED -> false;
          };
    }

    /// The hash that it takes unless it is told another.
    public Hash usualHash() {
      return usual;
    }

    /// Name in URLs.
    public String word() {
      return ServerRing.word(this);
    }
  }

  /// What a key's place on the ring comes from. Names but the last are Twemproxy's.
  public enum Hash {
    /// The first word of MD5, little-endian.
    MD5,
    FNV1_64,
    FNV1A_64,
    FNV1_32,
    FNV1A_32,
    /// Without the cut to 16 bits.
    CRC16,
    /// Fifteen bits of CRC-32.
    CRC32,
    /// CRC-32.
    CRC32A,
    /// MurmurHash2 of 32 bits.
    MURMUR,
    /// Bob Jenkins's `lookup3`.
    JENKINS,
    ONE_AT_A_TIME,
    /// MurmurHash2 of 64 bits, signed.
    MURMUR64;

    /// Name in URLs.
    public String word() {
      return ServerRing.word(this);
    }
  }

  /// A server of a ring.
  ///
  /// @param host name or address, without brackets
  /// @param weight 1 to a million
  /// @param alias its name in the clients' configuration, if it has one beside its address
  public record Member(String host, int port, int weight, Optional<String> alias) {
    public Member {
      if (weight < 1) {
        throw new InvalidRequest(
            "a weight is 1 or more: server=%s:%d weight=%d".formatted(host, port, weight),
            "leave a server without keys out");
      }
      if (weight > MOST_WEIGHT) {
        throw new InvalidRequest(
            "a weight is %d at most: server=%s:%d weight=%d"
                .formatted(MOST_WEIGHT, host, port, weight),
            "give it as the clients have it");
      }
      if (alias.isPresent() && alias.get().isEmpty()) {
        throw new InvalidRequest(
            "a server's name on the ring is empty: server=%s:%d".formatted(host, port),
            "leave the = out: it goes by its address then");
      }
    }

    /// A server of weight 1 that goes by its address.
    public static Member of(String host, int port) {
      return new Member(host, port, 1, Optional.empty());
    }
  }

  public ServerRing {
    members = List.copyOf(members);
    if (members.isEmpty()) {
      throw new InvalidRequest("a ring has no server", "name all of its servers");
    }
    if (members.stream().map(member -> member.host() + " " + member.port()).distinct().count()
        < members.size()) {
      throw new InvalidRequest(
          "a server stands on the ring twice: servers=" + addresses(members),
          "name each once; a server that is to have more keys has a weight: host:port:2");
    }
    if (!client.hashes().contains(hash)) {
      throw new InvalidRequest(
          "this client hashes keys otherwise: client=%s hash=%s"
              .formatted(client.word(), hash.word()),
          "it knows " + client.hashes().stream().map(Hash::word).collect(Collectors.joining(", ")));
    }
    if (!client.takes(tag)) {
      throw new InvalidRequest(
          "this is no hash tag of the client's: client=%s tag=%s".formatted(client.word(), tag),
          "Twemproxy takes any two characters, Jedis {}, spymemcached none");
    }
    long weights = members.stream().mapToLong(Member::weight).sum();
    if (client == Client.JEDIS && weights > MOST_JEDIS_WEIGHT) {
      throw new InvalidRequest(
          "the weights of a Jedis ring are %d at most together: weights=%d"
              .formatted(MOST_JEDIS_WEIGHT, weights),
          "Jedis makes 160 points for each 1: give the weights as the clients have them");
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < members.size(); i++) {
      if (!names.add(name(client, members, i))) {
        throw new InvalidRequest(
            "two servers of the ring have one name: name=" + name(client, members, i),
            "give each the name that the clients know it by: host:port=name");
      }
    }
  }

  /// A ring of the client's usual hash, without tags.
  public static ServerRing of(Client client, List<Member> members) {
    return new ServerRing(client, client.usualHash(), "", members);
  }

  /// Whether all weights are 1.
  public boolean isEven() {
    return members.stream().allMatch(member -> member.weight() == 1);
  }

  /// What the client hashes to find a server's points, in the order of the members.
  public List<String> names() {
    return IntStream.range(0, members.size()).mapToObj(i -> name(client, members, i)).toList();
  }

  private static String name(Client client, List<Member> members, int index) {
    Member member = members.get(index);
    return member
        .alias()
        .orElseGet(() ->
            switch (client) {
              // conf_add_server in nc_conf.c: without the port where it is memcached's.
              case TWEMPROXY ->
                  member.port() == MEMCACHED_PORT
                      ? member.host()
                      : member.host() + ":" + member.port();
              // Sharded.initialize; this is no name: who has one is hashed as name*number.
              case JEDIS -> "SHARD-" + index + "-NODE-";
              // KetamaNodeKeyFormatter: InetSocketAddress.toString, which has host/address of a
              // host
              // that was looked up.
              case SPYMEMCACHED -> {
                if (!member.host().matches("[0-9.]+")) {
                  throw new InvalidRequest(
                      "spymemcached names a server by what it looked up: server=%s:%d"
                          .formatted(member.host(), member.port()),
                      "give that name: host:port=host%2F10.0.0.1:port");
                }
                yield member.host() + ":" + member.port();
              }
            });
  }

  private static List<String> addresses(List<Member> members) {
    return members.stream().map(member -> member.host() + ":" + member.port()).toList();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /// Reads `CLIENT`, `CLIENT/HASH` or `CLIENT/HASH/TAG`, in [#word]s.
  ///
  /// @throws InvalidRequest if it is none of them, or does not go with the client or the members
  public static ServerRing parse(String rules, List<Member> members) {
    String[] parts = rules.split("/", 3);
    Client client =
        Arrays.stream(Client.values())
            .filter(one -> one.word().equals(parts[0]))
            .findFirst()
            .orElseThrow(() ->
                new InvalidRequest(
                    "a ring is of no known client: client=" + parts[0],
                    "end the URL with the client that places the keys: /twemproxy, /jedis or"
                        + " /spymemcached"));
    Hash hash =
        parts.length < 2
            ? client.usualHash()
            : Arrays.stream(Hash.values())
                .filter(one -> one.word().equals(parts[1]))
                .findFirst()
                .orElseThrow(() ->
                    new InvalidRequest(
                        "no such hash of a ring: hash=" + parts[1],
                        "the client knows "
                            + client.hashes().stream()
                                .map(Hash::word)
                                .collect(Collectors.joining(", "))));
    return new ServerRing(client, hash, parts.length > 2 ? parts[2] : "", members);
  }

  /// What [#parse] reads.
  public String rules() {
    if (!tag.isEmpty()) {
      return client.word() + "/" + hash.word() + "/" + tag;
    }
    return hash == client.usualHash() ? client.word() : client.word() + "/" + hash.word();
  }
}
