package io.ringkeep.client;

import io.ringkeep.model.ServerRing;
import io.ringkeep.placement.ring.KeyRing;
import java.nio.ByteBuffer;
import java.util.List;
import redis.clients.jedis.HostAndPort;

/// Standalone servers that clients place keys on by a ring: no server knows of the others.
final class KetamaRouting implements Routing {
  private final Pools pools;
  private final List<Primary> primaries;
  private final KeyRing ring;

  KetamaRouting(ServerRing servers, CacheLogin login) {
    pools = new Pools(login);
    primaries = servers.members().stream().map(server -> at(server.host(), server.port())).toList();
    ring = new KeyRing(servers);
  }

  @Override
  public Primary owner(byte[] key) {
    return primaries.get(ring.owner(ByteBuffer.wrap(key)));
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
  public boolean spreads() {
    return primaries.size() > 1;
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
