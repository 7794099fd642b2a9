/// RDB bytes sliced into records, and records put together to RDB bytes.
///
/// An [io.ringkeep.redis.rdb.RdbType] says how a value is encoded and which servers can load it, an
/// [io.ringkeep.redis.rdb.LogicalType] what it is.
@NullMarked
package io.ringkeep.redis.rdb;

import org.jspecify.annotations.NullMarked;
