/// The log: the command stream of each shard, as contiguous segments.
///
/// A [io.ringkeep.repository.log.Segment] is one object that holds the raw bytes between two
/// offsets of one history of writes, with the [io.ringkeep.repository.log.StreamState] at either
/// end and the [io.ringkeep.repository.log.Mark]s that say when which byte was executed. Segments
/// that follow one another without a gap make a [io.ringkeep.repository.log.Stretch]; what is
/// missing between two stretches is a declared [io.ringkeep.repository.log.Gap], or damage.
///
/// Invariants: a segment begins and ends between commands; within a stretch each begins where the
/// one before ends, and proves by its chain that it was written behind just that one; where bytes
/// are missing, reading stops instead of going on behind them.
///
/// Read [io.ringkeep.repository.log.SegmentFormat] first, then
/// [io.ringkeep.repository.log.ShardLog]. Format: `docs/format/log.md`.
@NullMarked
package io.ringkeep.repository.log;

import org.jspecify.annotations.NullMarked;
