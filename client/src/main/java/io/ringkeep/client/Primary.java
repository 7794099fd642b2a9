package io.ringkeep.client;

import io.ringkeep.placement.PlacementHash;
import redis.clients.jedis.ConnectionPool;

/// A server that takes writes, and its connections.
///
/// @param id names it for placement: a cluster's node id, else host:port
/// @param address host:port
record Primary(String id, String address, ConnectionPool pool) {
  /// What it draws for a backup: the highest draws hold its parts (rendezvous hashing).
  long draw(long backup) {
    return PlacementHash.draw(PlacementHash.ofNode(id), backup);
  }
}
