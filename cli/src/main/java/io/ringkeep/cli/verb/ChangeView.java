package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.KeyHistory.Change;
import io.ringkeep.lookup.ValueChange;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.LogicalType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What changed in a value, for a program and for a person.
///
/// @param typeBefore its type before
/// @param elementsBefore number of elements before; length of a string
/// @param added elements that were not there before
/// @param removed elements that are gone
/// @param changed elements with another content
/// @param reordered true if only the order of a list, the counters of a stream, or where an array
///   goes on, are others
/// @param firstDifference index of the first byte that differs in a string
/// @param expiresBefore expiry before
/// @param samples some of the elements
@JsonInclude(JsonInclude.Include.NON_NULL)
record ChangeView(
    String typeBefore,
    long elementsBefore,
    long added,
    long removed,
    long changed,
    boolean reordered,
    @Nullable Long firstDifference,
    @Nullable Instant expiresBefore,
    List<SampleView> samples) {

  /// One element and what became of it: `added`, `removed` or `changed`.
  record SampleView(String change, String element) {}

  static ChangeView of(Change change) {
    return of(change.value(), change.expiryMillisBefore());
  }

  static ChangeView of(ValueChange value, long expiryMillisBefore) {
    return new ChangeView(
        value.typeBefore().word(),
        value.elementsBefore(),
        value.added(),
        value.removed(),
        value.changed(),
        value.reordered(),
        value.firstDifference() < 0 ? null : value.firstDifference(),
        expiryMillisBefore == Record.NO_EXPIRY ? null : Instant.ofEpochMilli(expiryMillisBefore),
        value.samples().stream()
            .map(sample ->
                new SampleView(Choices.word(sample.kind()), ValueText.text(sample.what())))
            .toList());
  }

  /// The change of a value in lines; none if the value is the same.
  static List<String> text(ValueChange change) {
    List<String> lines = new ArrayList<>();
    if (change.typeBefore() != change.type()) {
      lines.add("was a %s".formatted(change.typeBefore().word()));
      return lines;
    }
    if (change.type() == LogicalType.STRING || change.type() == LogicalType.MODULE) {
      if (change.firstDifference() >= 0) {
        lines.add(
            "was %s; differs from byte %s on"
                .formatted(
                    KeyWords.size(change.type(), change.elementsBefore()),
                    Text.count(change.firstDifference())));
      }
      return lines;
    }
    if (change.added() + change.removed() + change.changed() > 0) {
      lines.add(
          "%s added, %s removed%s%s"
              .formatted(
                  Text.count(change.added()),
                  Text.count(change.removed()),
                  change.type() == LogicalType.LIST || change.type() == LogicalType.SET
                      ? ""
                      : ", %s changed".formatted(Text.count(change.changed())),
                  change.compared() ? "" : "; too many to be told apart"));
    } else if (change.reordered()) {
      lines.add(
          switch (change.type()) {
            case STREAM -> "the same entries and groups, other counters";
            case ARRAY -> "the same elements, insertion goes on elsewhere";
            case STRING, LIST, SET, SORTED_SET, HASH, MODULE ->
                "the same elements in another order";
          });
    } else if (!change.compared()) {
      lines.add("as many elements as before; too many to be told apart");
    }
    for (ValueChange.Sample sample : change.samples()) {
      String mark =
          switch (sample.kind()) {
            case ADDED -> "+ ";
            case REMOVED -> "- ";
            case CHANGED -> "~ ";
          };
      lines.add(mark + ValueText.text(sample.what()));
    }
    long named = change.samples().size();
    long all = change.added() + change.removed() + change.changed();
    if (all > named && named > 0) {
      lines.add("… and %s more".formatted(Text.count(all - named)));
    }
    return lines;
  }
}
