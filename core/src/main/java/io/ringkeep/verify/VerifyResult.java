package io.ringkeep.verify;

import io.ringkeep.repository.Verification;
import java.time.Duration;
import java.util.List;

/// What a verification found.
///
/// @param snapshots ids of those that were read
/// @param records number of records read and fingerprinted
/// @param bytes of stored objects read
/// @param findings what is damaged or missing, and what that affects; empty if all is whole
/// @param orphans stored objects that no snapshot needs: the next backup deletes them
/// @param elapsed how long it took
public record VerifyResult(
    List<String> snapshots,
    long records,
    long bytes,
    List<Verification.Finding> findings,
    List<String> orphans,
    Duration elapsed) {}
