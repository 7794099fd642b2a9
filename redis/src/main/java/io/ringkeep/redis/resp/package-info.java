/// Bytes to and from one server: the part of RESP that replication and bulk loading need.
///
/// A [io.ringkeep.redis.resp.Wire] moves bytes with timeouts, plain or under TLS; a
/// [io.ringkeep.redis.resp.RespReader] finds lines, commands and raw bytes in them; a
/// [io.ringkeep.redis.resp.RespWriter] writes commands. Ordinary commands go through
/// [io.ringkeep.redis.ServerConnection].
///
/// Invariants: large values pass from and into the caller's buffers without a copy on the heap; the
/// end of the stream and silence are never taken for data; failures are [java.io.IOException]s,
/// which the callers here turn into what the operator can do.
///
/// Read [io.ringkeep.redis.resp.Wire] first.
@NullMarked
package io.ringkeep.redis.resp;

import org.jspecify.annotations.NullMarked;
