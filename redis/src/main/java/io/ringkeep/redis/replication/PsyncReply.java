package io.ringkeep.redis.replication;

/// A server's answer to `PSYNC <replid> <offset>`, unless it refuses.
///
/// Source: `syncCommand` and `masterTryPartialResynchronization` in `replication.c`.
public sealed interface PsyncReply {
  /// An RDB follows: the dataset after `offset` bytes of the replication stream. Then the stream.
  record FullResync(String replid, long offset) implements PsyncReply {}

  /// The stream resumes at the byte asked for. `replid` is the server's current one; empty where
  /// the server does not name it, so it is the one asked for.
  record Continue(String replid) implements PsyncReply {}

  /// Not able to answer yet (`NOMASTERLINK`, `LOADING`): ask again after a pause.
  record NotYet(String reply) implements PsyncReply {}
}
