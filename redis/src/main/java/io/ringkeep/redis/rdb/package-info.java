/// RDB bytes sliced into records, and records put together to RDB bytes.
///
/// [io.ringkeep.redis.rdb.RdbReader] finds where each record of an RDB stream begins and ends and
/// hands its value on undecoded; [io.ringkeep.redis.rdb.RdbWriter] does the reverse;
/// [io.ringkeep.redis.rdb.DumpPayload] makes what `RESTORE` takes;
/// [io.ringkeep.redis.rdb.RecordFingerprinter] reads a value to say what it means. An
/// [io.ringkeep.redis.rdb.RdbType] says how a value is encoded and which servers can load it, an
/// [io.ringkeep.redis.rdb.LogicalType] what it is.
///
/// Invariants: a number means nothing without the version that wrote it; a stream that ends early
/// is never a success; nothing is allocated by a length that the stream merely claims.
///
/// Read [io.ringkeep.redis.rdb.RdbType] first, then [io.ringkeep.redis.rdb.RdbReader].
@NullMarked
package io.ringkeep.redis.rdb;

import org.jspecify.annotations.NullMarked;
