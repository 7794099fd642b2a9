package io.ringkeep.client;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/// One pool of connections for each address that was ever needed. Thread-safe.
final class Pools implements AutoCloseable {
  private static final int CONNECTIONS = 8;

  private final CacheLogin login;
  private final Map<HostAndPort, ConnectionPool> pools = new ConcurrentHashMap<>();

  Pools(CacheLogin login) {
    this.login = login;
  }

  Primary primary(String id, HostAndPort address) {
    return new Primary(id, address.toString(), pools.computeIfAbsent(address, this::pool));
  }

  private ConnectionPool pool(HostAndPort address) {
    GenericObjectPoolConfig<Connection> pool = new GenericObjectPoolConfig<>();
    pool.setMaxTotal(CONNECTIONS);
    pool.setMaxIdle(CONNECTIONS);
    pool.setMaxWait(login.timeout());
    pool.setJmxEnabled(false);
    return new ConnectionPool(new ConnectionFactory(sockets(address, login), config(login)), pool);
  }

  /// A connection of its own.
  static Connection dial(HostAndPort address, CacheLogin login) {
    return new Connection(sockets(address, login), config(login));
  }

  private static JedisSocketFactory sockets(HostAndPort address, CacheLogin login) {
    return () -> {
      try {
        Socket socket = login.dialer().open(address.getHost(), address.getPort());
        return socket;
      } catch (IOException e) {
        throw new JedisConnectionException(String.valueOf(e.getMessage()), e);
      }
    };
  }

  private static JedisClientConfig config(CacheLogin login) {
    Duration timeout = login.timeout();
    DefaultJedisClientConfig.Builder config =
        DefaultJedisClientConfig.builder()
            .timeoutMillis(Math.toIntExact(timeout.toMillis()))
            .resp2();
    login.user().ifPresent(config::user);
    login.password().ifPresent(config::password);
    return config.build();
  }

  @Override
  public void close() {
    pools.values().forEach(ConnectionPool::close);
  }
}
