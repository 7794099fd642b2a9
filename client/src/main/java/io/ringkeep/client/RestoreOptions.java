package io.ringkeep.client;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.time.Duration;

/// How a key is put back.
///
/// @param replace whether a key that is there is overwritten
/// @param expiry when the restored key expires
public record RestoreOptions(boolean replace, Expiry expiry) {
  /// Over what is there, with the expiry that the key had.
  public static final RestoreOptions DEFAULT =
      new RestoreOptions(/* replace= */ true, new Expiry.AsItWas());

  /// When a restored key expires.
  public sealed interface Expiry {
    /// At the moment at which the key would have expired; never, if it would not have.
    record AsItWas() implements Expiry {}

    /// After this time, counted from the restore.
    record After(Duration ttl) implements Expiry {
      public After {
        if (ttl.toMillis() < 1) {
          throw new InvalidRequest(
              "a key lives a millisecond or longer: ttl=" + ttl, "give a longer time");
        }
      }
    }

    /// Never.
    record Never() implements Expiry {}
  }

  /// A key that is there is kept and the call fails.
  public RestoreOptions ifAbsent() {
    return new RestoreOptions(/* replace= */ false, expiry);
  }

  /// The restored key lives so long.
  public RestoreOptions ttl(Duration ttl) {
    return new RestoreOptions(replace, new Expiry.After(ttl));
  }

  /// The restored key never expires.
  public RestoreOptions persist() {
    return new RestoreOptions(replace, new Expiry.Never());
  }
}
