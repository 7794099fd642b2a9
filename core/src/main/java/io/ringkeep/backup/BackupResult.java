package io.ringkeep.backup;

import io.ringkeep.repository.manifest.Manifest;
import java.time.Duration;
import java.util.List;

/// A committed snapshot.
///
/// @param manifest what was committed
/// @param elapsed from the first connection to the commit
/// @param warnings what needs the operator's attention; empty if all is well
public record BackupResult(Manifest manifest, Duration elapsed, List<String> warnings) {}
