package io.ringkeep.restore;

import io.ringkeep.model.Record;
import java.time.Duration;

/// What becomes of the moments at which keys expire.
public sealed interface TtlPolicy {
  /// They stay the moments they were: a key whose moment has passed does not come back, and takes a
  /// key of its name on the target with it.
  record Absolute() implements TtlPolicy {}

  /// They move by the age of the snapshot: a key lives as long from now as it had left then.
  record Shift() implements TtlPolicy {}

  /// None comes earlier than so long from now.
  record Floor(Duration least) implements TtlPolicy {}

  /// No key expires.
  record Persist() implements TtlPolicy {}

  /// As absolute, and keys whose moment has passed are not touched on the target.
  record DropExpired() implements TtlPolicy {}

  /// Every key lives so long from now, also one that was not to expire.
  record After(Duration time) implements TtlPolicy {}

  /// The expiry of a record, before jitter.
  ///
  /// @param takenMillis when the snapshot was taken
  /// @param nowMillis when the restore began
  default long expiry(Record record, long takenMillis, long nowMillis) {
    if (!record.expires() && !(this instanceof After)) {
      return Record.NO_EXPIRY;
    }
    return switch (this) {
      case Absolute() -> record.expiryMillis();
      case DropExpired() -> record.expiryMillis();
      case Shift() -> record.expiryMillis() + (nowMillis - takenMillis);
      case Floor(Duration least) -> Math.max(record.expiryMillis(), nowMillis + least.toMillis());
      case Persist() -> Record.NO_EXPIRY;
      case After(Duration time) -> nowMillis + time.toMillis();
    };
  }

  /// The policy in words, for a plan.
  default String words() {
    return switch (this) {
      case Absolute() -> "absolute";
      case Shift() -> "shift";
      case Floor(Duration least) -> "floor:" + least.toSeconds() + "s";
      case Persist() -> "persist";
      case DropExpired() -> "drop-expired";
      case After(Duration time) -> "after:" + time.toSeconds() + "s";
    };
  }
}
