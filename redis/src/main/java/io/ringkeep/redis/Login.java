package io.ringkeep.redis;

import java.util.Optional;

/// As whom one logs in.
///
/// @param user ACL user; `default` where absent
/// @param password sent by `AUTH` when present
public record Login(Optional<String> user, Optional<Secret> password) {
  /// Where a server's password belongs, as a hint says it.
  static final String PASSWORD_PLACE =
      "the environment variable RINGKEEP_SOURCE_PASSWORD or RINGKEEP_TARGET_PASSWORD, or in a file";

  /// Where that of a Sentinel belongs.
  static final String SENTINEL_PASSWORD_PLACE =
      "the environment variable RINGKEEP_SOURCE_SENTINEL_PASSWORD or"
          + " RINGKEEP_TARGET_SENTINEL_PASSWORD, or in a file";

  /// Nobody in particular.
  public static final Login NONE = new Login(Optional.empty(), Optional.empty());
}
