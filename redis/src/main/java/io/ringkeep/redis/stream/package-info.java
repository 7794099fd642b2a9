/// The command stream of a replication link: where its commands begin and end, which database they
/// go to, and what they say.
///
/// A [io.ringkeep.redis.stream.StreamCutter] is fed the stream in whatever pieces it comes and
/// tells a [io.ringkeep.redis.stream.CommandSink] of each [io.ringkeep.redis.stream.StreamCommand].
/// It keeps the beginnings of a few words and no more, so that a command of 512 MiB costs nothing.
///
/// Invariants: every byte of the stream belongs to one command; what is no command is an error,
/// never skipped.
///
/// Read [io.ringkeep.redis.stream.StreamCutter] first. What servers put into the stream is in
/// `docs/redis-internals.md`, section "The command stream".
@NullMarked
package io.ringkeep.redis.stream;

import org.jspecify.annotations.NullMarked;
