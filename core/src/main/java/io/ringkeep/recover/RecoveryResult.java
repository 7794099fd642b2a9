package io.ringkeep.recover;

import io.ringkeep.restore.RestoreResult;

/// A recovery that ended well.
///
/// @param plan what was done
/// @param base what became of the base
/// @param commands that were replayed behind it and change data
public record RecoveryResult(RecoveryPlan plan, RestoreResult base, long commands) {}
