/// Any moment: from a base and the log behind it to the dataset of one offset.
///
/// A [io.ringkeep.recover.RecoveryTarget] is what the operator names: a time, an offset, an event.
/// A [io.ringkeep.history.CacheHistory] is what the repository has. [io.ringkeep.recover.CutFinder]
/// finds the [io.ringkeep.recover.Cut], the one offset that is meant, and
/// [io.ringkeep.recover.Recovery] brings a target there: straight, or by rolling every shard
/// forward in a server of our own first. [io.ringkeep.recover.LogEvents] lists what one may wish
/// undone.
///
/// Invariants: a cut lies between transactions; everything in it was executed at the time asked for
/// or before, by the server's own clock; nothing is restored across bytes that are missing.
///
/// Read [io.ringkeep.recover.CutFinder] first.
@NullMarked
package io.ringkeep.recover;

import org.jspecify.annotations.NullMarked;
