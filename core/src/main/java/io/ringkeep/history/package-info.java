/// What the log of a cache is worth: which moments can be restored from it.
///
/// A [io.ringkeep.history.ShardHistory] is what the repository has of one shard: stretches of the
/// log, each a [io.ringkeep.history.ShardWindow] with the snapshots that stand on it, its
/// [io.ringkeep.history.Base]s, and what is missing between them. A
/// [io.ringkeep.history.CacheHistory] has all shards and who served what.
/// [io.ringkeep.history.Marks] say when which byte was executed, by the server's clock.
///
/// Invariants: nothing here changes anything; what was forgotten of a log is not in it.
///
/// Read [io.ringkeep.history.ShardHistory] first.
@NullMarked
package io.ringkeep.history;

import org.jspecify.annotations.NullMarked;
