package io.ringkeep.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// Free loopback ports for servers.
///
/// Drawn from below the range that systems use for outgoing connections, so that no connection can
/// sit on a port while its server restarts. The port 10000 above is free too: a cluster's servers
/// talk to each other there. Another process may still take a port in between; whoever starts a
/// server tries again then.
final class Ports {
  private static final int LOWEST = 11_000;
  private static final int HIGHEST = 20_900;
  private static final int TRIES = 1_000;

  /// Distance between a server's port and that of its cluster bus.
  static final int BUS_DISTANCE = 10_000;

  /// Ports given out by this process, each once: what still dials a server that is gone must not
  /// reach another. Guarded by the class.
  private static final Set<Integer> GIVEN = new HashSet<>();

  private Ports() {}

  static synchronized int free() {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      if (!GIVEN.contains(port) && isFree(port) && isFree(port + BUS_DISTANCE)) {
        GIVEN.add(port);
        return port;
      }
    }
    throw new EngineException("no free port between " + LOWEST + " and " + HIGHEST);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
