package io.ringkeep.repository.manifest;

/// Why a snapshot must not be taken for a good one unasked: far fewer keys than before.
///
/// @param before id of the snapshot that had more
/// @param recordsBefore how many it had
public record Collapse(String before, long recordsBefore) {}
