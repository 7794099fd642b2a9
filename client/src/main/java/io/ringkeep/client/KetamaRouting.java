package io.ringkeep.client;

import io.ringkeep.placement.ring.KetamaRing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import redis.clients.jedis.HostAndPort;

/// Standalone servers that clients place keys on by a Ketama ring, as Twemproxy and spymemcached
/// do: no server knows of the others. Keys that are not UTF-8 are hashed as the replacement makes
/// them, as those clients do.
final class KetamaRouting implements Routing {
  private final Pools pools;
  private final List<Primary> primaries;
  private final KetamaRing ring;

  KetamaRouting(List<HostAndPort> servers, CacheLogin login) {
    pools = new Pools(login);
    primaries = servers.stream().map(server -> pools.primary(server.toString(), server)).toList();
    int[] weights = new int[servers.size()];
    Arrays.fill(weights, 1);
    ring = new KetamaRing(servers.stream().map(HostAndPort::toString).toList(), weights);
  }

  @Override
  public Primary owner(byte[] key) {
    return primaries.get(ring.node(new String(key, StandardCharsets.UTF_8)));
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
