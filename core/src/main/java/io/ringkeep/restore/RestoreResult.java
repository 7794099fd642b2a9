package io.ringkeep.restore;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A restore that ended well.
///
/// @param plan what was done
/// @param records number of records sent
/// @param expired of them, how many had expired by the end and are gone
/// @param expiringWithinHour of them, how many more will have within the hour
/// @param proven whether the target was read back and held exactly what was sent
/// @param load from the first byte sent to the last acknowledgement
/// @param elapsed all of it
/// @param warnings what the operator should know; empty if all is well
/// @param notPutBack what was changed on the target or its Sentinels for the restore and could not
///   be put back, with what to do about it; empty if all is as it was
public record RestoreResult(
    RestorePlan plan,
    long records,
    long expired,
    long expiringWithinHour,
    boolean proven,
    Duration load,
    Duration elapsed,
    List<String> warnings,
    List<String> notPutBack) {
  /// True if all of the snapshot is there, and was read back where that was wanted, and nothing
  /// else is left to do.
  public boolean complete() {
    return plan.missing().none()
        && (proven || plan.request().proof() == Proof.STREAM)
        && notPutBack.isEmpty();
  }

  /// The same with one warning more, if there is one.
  public RestoreResult warning(Optional<String> more) {
    return new RestoreResult(
        plan,
        records,
        expired,
        expiringWithinHour,
        proven,
        load,
        elapsed,
        Stream.concat(warnings.stream(), more.stream()).toList(),
        notPutBack);
  }
}
