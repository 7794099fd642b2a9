package io.ringkeep.client;

import io.ringkeep.placement.ring.KetamaRing;
import java.nio.ByteBuffer;
import java.util.List;
import redis.clients.jedis.HostAndPort;

/// Standalone servers that clients place keys on by a Ketama ring, as Twemproxy and spymemcached
/// do: no server knows of the others.
final class KetamaRouting implements Routing {
  private final Pools pools;
  private final List<Primary> primaries;
  private final KetamaRing ring;

  KetamaRouting(List<HostAndPort> servers, List<Integer> weights, CacheLogin login) {
    pools = new Pools(login);
    primaries = servers.stream().map(server -> pools.primary(server.toString(), server)).toList();
    ring =
        new KetamaRing(
            servers.stream().map(HostAndPort::toString).toList(),
            weights.stream().mapToInt(Integer::intValue).toArray());
  }

  @Override
  public Primary owner(byte[] key) {
    return primaries.get(ring.node(ByteBuffer.wrap(key)));
  }

  @Override
  public Primary at(String host, int port) {
    HostAndPort address = new HostAndPort(host, port);
    return pools.primary(address.toString(), address);
  }

  @Override
  public List<Primary> primaries() {
    return primaries;
  }

  @Override
  public void refresh() {
    // The ring is what it was told.
  }

  @Override
  public void close() {
    pools.close();
  }
}
