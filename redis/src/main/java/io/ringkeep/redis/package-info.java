/// Servers as they are dialled: addresses, credentials, TLS, ordinary commands and their errors.
///
/// A [io.ringkeep.redis.RedisUri] and [io.ringkeep.redis.ConnectionOptions] say where a cache is
/// and as whom we come; a [io.ringkeep.redis.ServerConnection] sends ordinary commands to one
/// server. [io.ringkeep.redis.ServerFacts] is what a server says about itself, and
/// [io.ringkeep.redis.Job] knows the commands that each job needs, [io.ringkeep.redis.AclAdvice]
/// asks whether a user may run them.
///
/// Invariants: no password reaches a message, a URL or `toString`; a server that is away, loading
/// or unwilling is a [io.ringkeep.model.BackupException] that names it; what a server merely
/// answers is a value or a [io.ringkeep.redis.ServerError].
///
/// Read [io.ringkeep.redis.ServerConnection] first.
@NullMarked
package io.ringkeep.redis;

import org.jspecify.annotations.NullMarked;
