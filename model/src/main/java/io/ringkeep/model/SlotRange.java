package io.ringkeep.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/// A contiguous range of hash slots, both ends included, within 0–16383.
///
/// @param first the lowest slot
/// @param last the highest slot, at least `first`
public record SlotRange(int first, int last) implements Comparable<SlotRange> {
  /// Every slot.
  public static final SlotRange ALL = new SlotRange(0, Slot.COUNT - 1);

  public SlotRange {
    if (first < 0 || last >= Slot.COUNT || first > last) {
      throw new IllegalArgumentException("no slot range: first=" + first + " last=" + last);
    }
  }

  /// True if `slot` lies inside.
  public boolean contains(int slot) {
    return first <= slot && slot <= last;
  }

  /// Number of slots inside.
  public int slotCount() {
    return last - first + 1;
  }

  /// The fewest ranges that hold exactly `slots`, in order.
  public static List<SlotRange> covering(Collection<Integer> slots) {
    List<SlotRange> ranges = new ArrayList<>();
    int first = -1;
    int last = -1;
    for (int slot : new TreeSet<>(slots)) {
      if (first < 0) {
        first = slot;
      } else if (slot != last + 1) {
        ranges.add(new SlotRange(first, last));
        first = slot;
      }
      last = slot;
    }
    if (first >= 0) {
      ranges.add(new SlotRange(first, last));
    }
    return List.copyOf(ranges);
  }

  /// Reads `5` or `0-5460`.
  ///
  /// @throws IllegalArgumentException if it is neither
  public static SlotRange parse(String text) {
    if (!text.matches("[0-9]{1,5}(-[0-9]{1,5})?")) {
      throw new IllegalArgumentException("no slot range: " + text);
    }
    int dash = text.indexOf('-');
    return dash < 0
        ? new SlotRange(Integer.parseInt(text), Integer.parseInt(text))
        : new SlotRange(
            Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
  }

  @Override
  public int compareTo(SlotRange other) {
    return Integer.compare(first, other.first);
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
