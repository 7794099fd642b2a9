package io.ringkeep.repository.run;

import io.ringkeep.model.SlotRange;
import java.util.List;

/// Something wrong with an object of a run.
///
/// @param object its name
/// @param reason what is wrong
/// @param slots in which records cannot be read; empty if all can
/// @param records how many cannot be read
public record RunFinding(String object, String reason, List<SlotRange> slots, long records) {
  public RunFinding {
    slots = List.copyOf(slots);
  }
}
