package io.ringkeep.verify;

import io.ringkeep.repository.manifest.Manifest;
import java.time.Duration;

/// A snapshot that a real server has loaded and held.
///
/// @param manifest the snapshot
/// @param engine version of the server
/// @param records number of records it held, compared by digest
/// @param load from the first byte sent to the acknowledged load
/// @param elapsed all of it: the measured RTO of a restore from this repository on this machine
public record DrillResult(
    Manifest manifest, String engine, long records, Duration load, Duration elapsed) {}
