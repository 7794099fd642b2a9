/// Gives snapshots fewer runs, so that restoring and looking up stay as quick as with a full one.
///
/// An incremental snapshot stands on the runs of those before it. A [io.ringkeep.compact.Compact]
/// merges runs inside the repository; production is not read.
///
/// Invariants: a compacted snapshot keeps its id, its records and its digest; it is read and
/// compared before it takes the place of what it was; the runs it had stay until `prune`.
///
/// Read [io.ringkeep.compact.Compact], then `Compaction` and `CompactionPlan` of the repository.
@NullMarked
package io.ringkeep.compact;

import org.jspecify.annotations.NullMarked;
