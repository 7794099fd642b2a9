package io.ringkeep.lookup;

import io.ringkeep.redis.rdb.LogicalType;
import java.util.List;

/// How a value differs from the one before, in the terms of its type.
///
/// What counts are fields of a hash, members of a set, members with their scores, elements of a
/// list as often as they occur, entries and groups of a stream, elements of an array by their
/// indexes; the bytes of a string.
///
/// @param typeBefore what it was
/// @param type what it is; if that is another, nothing else is compared
/// @param added number of elements that were not there before
/// @param removed number of elements that are gone
/// @param changed number of elements with another content: a field's value, a member's score
/// @param compared false if there are too many elements to tell them apart in bounded memory:
///   numbers are of elements then, not of which
/// @param reordered true if a list has the same elements in another order, or if only the counters
///   of a stream or where an array goes on are others
/// @param firstDifference of two strings, the index of the first byte that differs, or -1
/// @param elementsBefore number of elements before; length of a string
/// @param elements number of elements now; length of a string
/// @param samples some of the differences
public record ValueChange(
    LogicalType typeBefore,
    LogicalType type,
    long added,
    long removed,
    long changed,
    boolean compared,
    boolean reordered,
    long firstDifference,
    long elementsBefore,
    long elements,
    List<Sample> samples) {

  /// What became of an element.
  public enum Kind {
    ADDED,
    REMOVED,
    CHANGED
  }

  /// One difference.
  ///
  /// @param what the element: a field, a member, an entry's id
  public record Sample(Kind kind, Part.Bytes what) {}

  public ValueChange {
    samples = List.copyOf(samples);
  }
}
