/// Hashing that places a key on one node without a recorded table: `h(key) mod n`, the Ketama ring
/// of memcached clients and Twemproxy, weighted rendezvous hashing.
///
/// Clients of a ring of caches use them to find a key's server; the simulator compares them with
/// [io.ringkeep.placement.PlacementTable]. Read [io.ringkeep.placement.ring.Distribution] first.
@NullMarked
package io.ringkeep.placement.ring;

import org.jspecify.annotations.NullMarked;
