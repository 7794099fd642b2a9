package io.ringkeep.ring;

import io.ringkeep.placement.ring.KetamaRing;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.RedisUri;
import java.nio.ByteBuffer;
import java.util.Optional;

/// The ring of a URL such as `redis-ketama://10.0.0.1:6379,10.0.0.2:6379:2`: names `host:port`, 160
/// points for a server of average weight, MD5 of the key's bytes.
public final class CacheRing {
  private final KetamaRing ring;
  private final RedisUri uri;

  private CacheRing(RedisUri uri) {
    this.uri = uri;
    ring =
        new KetamaRing(
            uri.endpoints().stream().map(Endpoint::toString).toList(),
            uri.weights().stream().mapToInt(Integer::intValue).toArray());
  }

  /// The ring; empty if the URL is of another kind of cache.
  public static Optional<CacheRing> of(RedisUri uri) {
    return uri.kind() == RedisUri.Kind.KETAMA ? Optional.of(new CacheRing(uri)) : Optional.empty();
  }

  /// Index of the server, in the URL's order, that clients look for the key on.
  public int owner(ByteBuffer key) {
    return ring.node(key);
  }

  /// Share of the keys that a server is to have, from 0 to 1.
  public double share(int server) {
    return (double) uri.weights().get(server)
        / uri.weights().stream().mapToInt(Integer::intValue).sum();
  }
}
