/// Hashing that places a key on one node without a recorded table: `h(key) mod n`, the rings of
/// Twemproxy, memcached clients and Jedis, weighted rendezvous hashing.
///
/// [io.ringkeep.placement.ring.KeyRing] finds a key's server as the clients of a ring of caches do;
/// the simulator compares each [io.ringkeep.placement.ring.Distribution] with
/// [io.ringkeep.placement.PlacementTable].
@NullMarked
package io.ringkeep.placement.ring;

import org.jspecify.annotations.NullMarked;
