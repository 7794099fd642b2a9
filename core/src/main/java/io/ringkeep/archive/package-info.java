/// Continuous archiving: a shard's command stream, on disk at once and in the repository soon
/// after.
///
/// An [io.ringkeep.archive.Archive] keeps one [io.ringkeep.archive.ShardArchiver] a shard; of a
/// cluster the [io.ringkeep.archive.ClusterArchiver] begins and ends them as shards come and go.
/// Its receiver is a replica that writes what it reads to a [io.ringkeep.archive.Spool], files on
/// this host; its shipper moves what is on disk into the repository's log; its sampler asks the
/// primary what time it is at which offset. A base, an ordinary snapshot, is taken where the log
/// has none to stand on.
///
/// Invariants: the server hears of no offset that is not on this host's disk; the log ends between
/// transactions; what is lost is declared before anything is written behind it; no byte leaves the
/// spool before it is in the repository, unless the spool is full.
///
/// Read [io.ringkeep.archive.ShardArchiver] first.
@NullMarked
package io.ringkeep.archive;

import org.jspecify.annotations.NullMarked;
