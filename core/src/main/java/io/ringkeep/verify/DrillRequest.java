package io.ringkeep.verify;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// What is to be proven.
///
/// @param cache name of the lineage
/// @param snapshot `latest`, an id, or the start of one
/// @param engine server program to restore into; searched for if absent
/// @param timeout how long it may take
public record DrillRequest(
    String cache, String snapshot, Optional<Path> engine, Duration timeout) {}
