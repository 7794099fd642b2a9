package io.ringkeep.repository.log;

/// When the stream had reached an offset, by the clock of one server.
///
/// A [Kind#SAMPLE] is exact: everything before `offset` was executed at `timeMicros` or earlier,
/// and everything behind it later. An [Kind#ARRIVAL] is an upper bound alone: everything before
/// `offset` was executed by `timeMicros`, and the last of it not before `timeMicros - boundMicros`.
///
/// @param offset of the stream
/// @param timeMicros microseconds since 1970 on the server's clock
/// @param boundMicros how much earlier it may have been
/// @param server run id of the server whose clock it is
public record Mark(Kind kind, long offset, long timeMicros, long boundMicros, String server) {
  /// How it was found out.
  public enum Kind {
    /// Time and offset in one transaction on the primary.
    SAMPLE(0),
    /// Bytes arrived, at a time that samples translate to the server's clock.
    ARRIVAL(1);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  public Mark {
    if (offset < 0 || boundMicros < 0 || !server.matches("[!-~]{1,64}")) {
      throw new IllegalArgumentException(
          "no mark: offset=%d bound=%d server=%s".formatted(offset, boundMicros, server));
    }
  }
}
