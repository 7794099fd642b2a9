package io.ringkeep.repository.log;

import java.time.Instant;

/// What a running archiver says of one shard, every few seconds.
///
/// @param format of this document, [#FORMAT]
/// @param holder who it is, for people
/// @param time when it said so, by its host's clock
/// @param stopped whether it has ended in order
/// @param server that it reads from, `host:port`; empty before the first
/// @param linked whether it is receiving
/// @param serverReplid history that the primary writes; empty before the first look at it
/// @param serverOffset bytes of it, at the last look
/// @param serverTime the primary's clock then
/// @param storedReplid history that the log ends in; empty before the first segment
/// @param storedOffset where the log ends
/// @param lagMillis for how long there has been something at the primary that is not in the log
/// @param spoolBytes what its spool takes
/// @param droppedBytes what was lost since it was started because the spool was full
/// @param problem what keeps it from its work, or needs attention; empty if nothing does
public record ArchiverState(
    int format,
    String cache,
    String shard,
    String holder,
    Instant time,
    boolean stopped,
    String server,
    boolean linked,
    String serverReplid,
    long serverOffset,
    Instant serverTime,
    String storedReplid,
    long storedOffset,
    long lagMillis,
    long spoolBytes,
    long droppedBytes,
    String problem) {
  /// The only format so far.
  public static final int FORMAT = 1;

  /// Bytes that the primary has written and the log does not hold, as far as both are of one
  /// history.
  public long lagBytes() {
    return serverReplid.equals(storedReplid) ? Math.max(0, serverOffset - storedOffset) : 0;
  }
}
