package io.ringkeep.repository;

import java.util.Optional;

/// What a backup found of predecessors that died, before it began.
///
/// @param objects how many objects that no snapshot needs were deleted
/// @param bytes how many bytes that freed
/// @param refusal why nothing was deleted although there may be something; empty if all is well
public record Cleanup(int objects, long bytes, Optional<String> refusal) {}
