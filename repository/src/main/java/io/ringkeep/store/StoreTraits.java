package io.ringkeep.store;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What a store was seen to do.
///
/// @param honoured what it did as [ObjectStore] says
public record StoreTraits(Set<Trait> honoured) {
  /// One thing that [ObjectStore] promises.
  public enum Trait {
    /// An existing object is not created again.
    CREATES_ONCE(
        "create-if-absent",
        "only the first of two creates",
        "an existing object was created again",
        "it can't tell who came first: use another place; an S3 service must know If-None-Match"),
    /// What was written is read back.
    READS_BACK("read", "what was written", "other bytes than were written", "use another place"),
    /// A range is exactly that, and its end is noticed.
    READS_RANGES(
        "ranges",
        "exactly what was asked for",
        "other bytes than were asked for",
        "use another place"),
    /// The next reader sees a new content.
    REPLACES(
        "replace",
        "the new content is seen at once",
        "the old content is still seen",
        "use a place that shows what was written, without a cache before it"),
    /// The next listing has a new object.
    LISTS(
        "list",
        "a new object is seen at once",
        "a new object is not seen",
        "use a place that shows what was written, without a cache before it"),
    /// What is deleted is gone.
    DELETES("delete", "gone", "the object is still there", "check the rights to delete");

    private final String subject;
    private final String kept;
    private final String broken;
    private final String hint;

    Trait(String subject, String kept, String broken, String hint) {
      this.subject = subject;
      this.kept = kept;
      this.broken = broken;
      this.hint = hint;
    }

    /// What was tried: `create-if-absent`.
    public String subject() {
      return subject;
    }

    /// What was seen.
    public String finding(boolean honoured) {
      return honoured ? kept : broken;
    }

    /// The next step where it is not honoured.
    public String hint() {
      return hint;
    }
  }

  public StoreTraits {
    honoured = Set.copyOf(honoured);
  }

  /// Whether the store did this as it should.
  public boolean honours(Trait trait) {
    return honoured.contains(trait);
  }

  /// What it did not do as it should, in order; empty if it will do.
  public List<Trait> missing() {
    return Arrays.stream(Trait.values()).filter(trait -> !honours(trait)).toList();
  }

  /// What is missing in words, such as `create-if-absent: an existing object was created again`.
  public String complaint() {
    return missing().stream()
        .map(trait -> trait.subject() + ": " + trait.finding(/* honoured= */ false))
        .collect(Collectors.joining("; "));
  }
}
