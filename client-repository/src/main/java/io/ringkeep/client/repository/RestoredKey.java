package io.ringkeep.client.repository;

import java.time.Instant;
import java.util.Optional;

/// A key that is back in the live cache.
///
/// @param origin the snapshot or the place in the log that it was taken from. A snapshot where the
///   log does not have the moment: then it is the newest one before it
/// @param type `string`, `list`, `set`, `zset`, `hash`, `stream` or `module`
/// @param bytes length of the value's RDB bytes
/// @param expiry when it expires now
/// @param server host:port of the server that holds it now
/// @param proven whether it was read back and is equal; a value above 64 MiB is not read back
public record RestoredKey(
    KeyVersion.Origin origin,
    String type,
    long bytes,
    Optional<Instant> expiry,
    String server,
    boolean proven) {}
