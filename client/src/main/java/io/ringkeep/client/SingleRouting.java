package io.ringkeep.client;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.Unavailable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.SafeEncoder;

/// One primary: a standalone server, or whoever the Sentinels say it is.
final class SingleRouting implements Routing {
  private final Pools pools;
  private final Asking asking;
  private volatile Primary primary;

  /// Where the primary is now.
  private interface Asking {
    HostAndPort address();
  }

  private SingleRouting(Pools pools, Asking asking) {
    this.pools = pools;
    this.asking = asking;
    this.primary = found();
  }

  static SingleRouting standalone(HostAndPort server, CacheLogin login) {
    return new SingleRouting(new Pools(login), () -> server);
  }

  static SingleRouting sentinel(
      String name, Collection<HostAndPort> sentinels, CacheLogin login, CacheLogin sentinelLogin) {
    return new SingleRouting(
        new Pools(login), () -> askSentinels(name, List.copyOf(sentinels), sentinelLogin));
  }

  private static HostAndPort askSentinels(
      String name, List<HostAndPort> sentinels, CacheLogin login) {
    List<String> silent = new ArrayList<>();
    boolean answered = false;
    for (HostAndPort sentinel : sentinels) {
      try (Connection connection = Pools.dial(sentinel, login)) {
        connection.sendCommand(Command.SENTINEL, "GET-MASTER-ADDR-BY-NAME", name);
        List<byte[]> address = connection.getBinaryMultiBulkReply();
        answered = true;
        if (address != null && address.size() == 2) {
          return new HostAndPort(
              SafeEncoder.encode(address.get(0)),
              Integer.parseInt(new String(address.get(1), StandardCharsets.US_ASCII)));
        }
      } catch (JedisAccessControlException e) {
        throw new AccessDenied(
            "Sentinel refuses the login: sentinel=" + sentinel,
            "check the Sentinels' own user and password",
            e);
      } catch (JedisException e) {
        silent.add(sentinel.toString());
      }
    }
    if (answered) {
      throw new NotFound("Sentinels know no such primary: name=" + name, "check the name");
    }
    throw new Unavailable(
        "no Sentinel answers: sentinels=" + silent, "check their addresses", null);
  }

  @Override
  public Primary owner(byte[] key) {
    return primary;
  }

  @Override
  public Primary at(String host, int port) {
    HostAndPort address = new HostAndPort(host, port);
    return pools.primary(address.toString(), address);
  }

  @Override
  public List<Primary> primaries() {
    return List.of(primary);
  }

  @Override
  public boolean spreads() {
    return false;
  }

  @Override
  public void refresh() {
    try {
      primary = found();
    } catch (BackupException e) {
      // Whoever was it may still be.
    }
  }

  private Primary found() {
    HostAndPort address = asking.address();
    return pools.primary(address.toString(), address);
  }

  @Override
  public void close() {
    pools.close();
  }
}
