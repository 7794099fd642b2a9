package io.ringkeep.repository.manifest;

import io.ringkeep.repository.object.StoredObject;
import java.time.Instant;

/// A committed snapshot as the ledger knows it.
///
/// @param id of the snapshot
/// @param time start of its capture
/// @param manifest where the rest is written
public record SnapshotReference(String id, Instant time, StoredObject manifest) {}
