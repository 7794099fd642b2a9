package io.ringkeep.repository.log;

/// Where a stretch ends, and what the next segment needs to go on from there.
///
/// @param replid history of its last segment
/// @param offset behind its last byte
/// @param state there
/// @param chain digest of all of it
public record LogEnd(String replid, long offset, StreamState state, String chain) {}
