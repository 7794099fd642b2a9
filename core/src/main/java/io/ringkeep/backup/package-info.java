/// Takes snapshots: decides which server of each shard is read, reads them all, and commits all of
/// them or none.
///
/// A [io.ringkeep.backup.BackupPlan] is a value made by [io.ringkeep.backup.BackupPlanner]; its run
/// is [io.ringkeep.backup.Backup]. [io.ringkeep.backup.RdbImport] makes a snapshot of files
/// instead.
///
/// Invariants: nothing is visible before the commit; a snapshot that lacks a shard is never
/// committed; production is asked for one fork a shard, no more of them at once on a host than
/// allowed.
@NullMarked
package io.ringkeep.backup;

import org.jspecify.annotations.NullMarked;
