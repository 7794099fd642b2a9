package io.ringkeep.recover;

import io.ringkeep.repository.manifest.Manifest;

/// A snapshot that stands on the log.
///
/// @param offset where its shard's stream goes on
public record Base(Manifest manifest, long offset) {}
