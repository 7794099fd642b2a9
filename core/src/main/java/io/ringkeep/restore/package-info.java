/// Puts a snapshot onto servers: any topology in, any topology out.
///
/// A [io.ringkeep.restore.RestorePlan] is a value that says what would happen;
/// [io.ringkeep.restore.Restore] runs it with one of three loaders: replication (the target is told
/// to replicate from us), `RESTORE` commands (clusters, live data), or files
/// ([io.ringkeep.restore.RdbExport]).
///
/// Invariants: whatever could make a target lose its data or fail is tested before the first
/// destructive step; the target is read back and compared with the digests made at backup, or,
/// where it is not, what was sent is fingerprinted and compared with them; no target is told that
/// all is there before the records of each slot were counted.
@NullMarked
package io.ringkeep.restore;

import org.jspecify.annotations.NullMarked;
