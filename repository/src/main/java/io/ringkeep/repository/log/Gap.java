package io.ringkeep.repository.log;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/// Bytes of a shard's stream that the log does not hold, as its archiver has declared.
///
/// @param format of this record, [#FORMAT]
/// @param time when it was declared, by the archiving host's clock
/// @param reason why
/// @param fromReplid history of the last byte that is there
/// @param fromOffset offset behind it
/// @param toReplid history of the first byte behind the gap
/// @param toOffset its offset
public record Gap(
    int format,
    Instant time,
    Reason reason,
    String fromReplid,
    long fromOffset,
    String toReplid,
    long toOffset) {
  /// The only format so far.
  public static final int FORMAT = 1;

  /// Whether the same bytes are missing.
  public boolean isSame(Gap other) {
    return fromReplid.equals(other.fromReplid)
        && fromOffset == other.fromOffset
        && toReplid.equals(other.toReplid)
        && toOffset == other.toOffset;
  }

  /// Why bytes are missing.
  public enum Reason {
    /// The server could not go on from where we were and sent its dataset anew: it was restarted,
    /// or we were away for longer than its backlog holds.
    @JsonProperty("full-resync")
    FULL_RESYNC("the server could not go on from there"),
    /// A replica was promoted that had not received all of it: what comes behind the fork was lost
    /// in the failover, and is in the log of the old history alone.
    @JsonProperty("fork")
    FORK("a failover lost what the new primary never had"),
    /// The repository was away for so long that the spool ran full.
    @JsonProperty("spool-full")
    SPOOL_FULL("the repository was away and the spool ran full");

    private final String words;

    Reason(String words) {
      this.words = words;
    }

    /// For people.
    public String words() {
      return words;
    }
  }
}
