/// Both sides of the replication link, and bulk loading for servers that may not be replicas.
///
/// A [io.ringkeep.redis.replication.ReplicaLink] is what a replica would be to the server it reads:
/// an RDB, then the command stream. A [io.ringkeep.redis.replication.PrimaryLink] is what a primary
/// would be to the target of a restore: the target dials it, receives an RDB, and says when it is
/// loaded. [io.ringkeep.redis.replication.BulkRestore] sends records as pipelined `RESTORE`.
///
/// Invariants: an RDB that ends before its end is an exception, never a short success; nothing of a
/// target is destroyed before [io.ringkeep.redis.replication.PrimarySession#sendRdb]; nothing
/// follows an RDB until the target has said that it is loaded; no password reaches a message.
///
/// Read [io.ringkeep.redis.replication.ReplicaLink] first. What servers do on these links, and
/// where they differ, is in `docs/redis-internals.md`, section "Replication links".
@NullMarked
package io.ringkeep.redis.replication;

import org.jspecify.annotations.NullMarked;
