package io.ringkeep.client.repository;

import java.time.Instant;
import java.util.Optional;

/// What a key was from a moment on, until the next version.
///
/// @param since when a snapshot saw it first, or by when the command that made it had been executed
///   by the server's clock. Versions that came between two marks of the log, which are a tenth of a
///   second to a second apart, share it: a restore to it brings the last of them
/// @param state what it was
/// @param origin where that is known from
public record KeyVersion(Instant since, State state, Origin origin) {

  /// What a key can be.
  public sealed interface State {
    /// It was there.
    ///
    /// @param type `string`, `list`, `set`, `zset`, `hash`, `stream` or `module`
    /// @param bytes length of the value's RDB bytes
    /// @param elements number of elements; length of a string
    /// @param expiry when it was to expire
    /// @param fingerprint equal for equal versions of this key in this repository
    record Value(
        String type, long bytes, long elements, Optional<Instant> expiry, String fingerprint)
        implements State {}

    /// It was not there.
    ///
    /// @param expired the version before had expired by then
    record Gone(boolean expired) implements State {}

    /// That cannot be known: what would tell is damaged.
    record Unreadable(String reason) implements State {}
  }

  /// Where a version is known from.
  public sealed interface Origin {
    /// A snapshot, the first one that has it.
    record Snapshot(String id) implements Origin {}

    /// The log of a shard.
    ///
    /// @param offset behind the command that made it
    /// @param command the beginning of it
    record Log(String shard, long offset, String command) implements Origin {}
  }
}
