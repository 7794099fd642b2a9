/// Puts a snapshot onto servers: any topology in, any topology out.
///
/// A [io.ringkeep.restore.RestorePlan] is a value that says what would happen;
/// [io.ringkeep.restore.Restore] runs it with one of three loaders: replication (the target is told
/// to replicate from us), `RESTORE` commands (clusters, live data), or files
/// ([io.ringkeep.restore.RdbExport]).
///
/// Invariants: whatever could make a target lose its data or fail is tested before the first
/// destructive step; what was sent is compared with the snapshot's digests, always; the target
/// itself is read back unless told otherwise.
@NullMarked
package io.ringkeep.restore;

import org.jspecify.annotations.NullMarked;
