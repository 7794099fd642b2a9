/// Standalone servers on a Ketama ring as one cache: which of them clients look for a key on.
///
/// No server of a ring knows of the others, and none refuses a key that is not its own. So who
/// reads keeps to the ring, and who writes too; [io.ringkeep.ring.CacheRing] says whose a key is.
///
/// Invariant: shards of such a topology stand in the order of its URL.
@NullMarked
package io.ringkeep.ring;

import org.jspecify.annotations.NullMarked;
