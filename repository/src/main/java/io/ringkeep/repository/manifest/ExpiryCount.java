package io.ringkeep.repository.manifest;

import java.time.Instant;

/// How many records expire in one span of time.
///
/// @param from start of the span, inclusive
/// @param until end of the span, exclusive
/// @param records how many there are
public record ExpiryCount(Instant from, Instant until, long records) {}
