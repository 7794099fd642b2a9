package io.ringkeep.story;

import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import redis.clients.jedis.Jedis;

/// Writes new keys to one database until it is closed, at most [#MOST] of them.
final class Writer implements AutoCloseable {
  private static final long MOST = 200_000;

  private final Thread thread;
  private volatile boolean closed;
  private volatile long written;

  private Writer(TestServer server, int database) {
    thread =
        Thread.ofVirtual()
            .start(() -> {
              try (Jedis jedis = server.client()) {
                Raw.call(jedis, "SELECT", Integer.toString(database));
                for (long i = 0; i < MOST && !closed; i++) {
                  Raw.call(jedis, "SET", "written:" + i, "value " + i);
                  written = i + 1;
                }
              }
            });
  }

  static Writer to(TestServer server, int database) {
    return new Writer(server, database);
  }

  /// How many keys were written so far.
  long written() {
    return written;
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
