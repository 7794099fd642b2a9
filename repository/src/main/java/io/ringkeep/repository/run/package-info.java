/// Runs: sorted, immutable, compressed records, and the merge that reads many runs as one.
///
/// A [io.ringkeep.repository.run.ShardWriter] gathers the records of one shard in a fixed budget of
/// memory, sorts them and writes them as runs of blocks; [io.ringkeep.repository.run.RunMerge]
/// reads runs back in one order, the newest run winning.
///
/// Invariants: the entries of a run ascend strictly in [io.ringkeep.model.RecordOrder]; a value's
/// bytes pass through unread; memory does not grow with the number of records, except for one value
/// at a time that is larger than a block.
///
/// Read [io.ringkeep.repository.run.RunFormat] first, then `RunSorter`, `BlockWriter` and
/// `RunCursor`. Format: `docs/format/run.md`.
@NullMarked
package io.ringkeep.repository.run;

import org.jspecify.annotations.NullMarked;
