package io.ringkeep.placement.ring;

import io.ringkeep.model.ServerRing;
import io.ringkeep.model.ServerRing.Client;
import io.ringkeep.model.ServerRing.Member;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.LongToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// On which server of a ring its clients look for a key. Thread-safe.
public final class KeyRing {
  /// `Sharded.DEFAULT_KEY_TAG_PATTERN` of Jedis.
  private static final Pattern JEDIS_TAG = Pattern.compile("\\{(.+?)}");

  private final ServerRing ring;
  private final LongToIntFunction points;
  private final int weights;

  /// A ring as its clients build it.
  public KeyRing(ServerRing ring) {
    this.ring = ring;
    weights = ring.members().stream().mapToInt(Member::weight).sum();
    points =
        switch (ring.client()) {
          case TWEMPROXY -> new KetamaRing(ring.names(), weights(ring))::nodeAt;
          // Without weights each server has all its points, whatever rounding would leave of them.
          case SPYMEMCACHED ->
              (ring.isEven()
                      ? KetamaRing.textbook(ring.names(), weights(ring), KetamaRing.USUAL_POINTS)
                      : new KetamaRing(ring.names(), weights(ring)))
                  ::nodeAt;
          case JEDIS -> new JedisRing(ring)::nodeAt;
        };
  }

  private static int[] weights(ServerRing ring) {
    return ring.members().stream().mapToInt(Member::weight).toArray();
  }

  /// Index of the key's server among the ring's members.
  public int owner(ByteBuffer key) {
    if (ring.members().size() == 1) {
      return 0;
    }
    ByteBuffer hashed = ring.tag().isEmpty() ? key : tagged(key);
    // server_pool_hash in nc_server.c: what is empty is not hashed.
    boolean nothing = ring.client() == Client.TWEMPROXY && !hashed.hasRemaining();
    return points.applyAsInt(nothing ? 0 : KeyHash.of(ring.hash(), hashed));
  }

  /// About what share of the keys a server has, from 0 to 1.
  public double share(int server) {
    return (double) ring.members().get(server).weight() / weights;
  }

  private ByteBuffer tagged(ByteBuffer key) {
    if (ring.client() == Client.JEDIS) {
      Matcher tag = JEDIS_TAG.matcher(StandardCharsets.UTF_8.decode(key.duplicate()));
      return tag.find() ? StandardCharsets.UTF_8.encode(tag.group(1)) : key;
    }
    // server_pool_idx in nc_server.c: an empty tag is none.
    int open = indexOf(key, key.position(), ring.tag().charAt(0));
    int close = open < 0 ? -1 : indexOf(key, open + 1, ring.tag().charAt(1));
    return close - open > 1 ? key.slice(open + 1, close - open - 1) : key;
  }

  private static int indexOf(ByteBuffer bytes, int from, char wanted) {
    for (int i = from; i < bytes.limit(); i++) {
      if (bytes.get(i) == wanted) {
        return i;
      }
    }
    return -1;
  }
}
