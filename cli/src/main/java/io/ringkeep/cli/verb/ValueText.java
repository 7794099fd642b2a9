package io.ringkeep.cli.verb;

import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.Part;
import io.ringkeep.redis.EscapedText;
import io.ringkeep.redis.rdb.StreamState;
import io.ringkeep.redis.rdb.ValueVisitor;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Consumer;

/// Prints the parts of a value, a line for each.
final class ValueText implements Consumer<Part> {
  private final PrintStream out;

  ValueText(PrintStream out) {
    this.out = out;
  }

  @Override
  public void accept(Part part) {
    switch (part) {
      case Part.Text(Part.Bytes value) -> out.println(text(value));
      case Part.Item(long index, Part.Bytes value) -> out.println("[" + index + "] " + text(value));
      case Part.Member(Part.Bytes member) -> out.println(text(member));
      case Part.Scored(Part.Bytes member, double score) ->
          out.println(KeyWords.score(score) + "  " + text(member));
      case Part.Field(Part.Bytes name, Part.Bytes value, long expiryMillis) ->
          out.println(
              text(name)
                  + " = "
                  + text(value)
                  + (expiryMillis == ValueVisitor.NO_EXPIRY
                      ? ""
                      : "  (expires " + KeyWords.time(expiryMillis) + ")"));
      case Part.Entry entry -> entry(entry);
      case Part.State(StreamState state) ->
          out.println(
              "last id %s, %s added in all"
                  .formatted(state.last(), Text.count(state.entriesAdded())));
      case Part.Group group -> group(group);
      case Part.Cell(long index, Part.Bytes value) -> out.println(at(index) + " " + text(value));
      case Part.Next(long index) ->
          out.println("insertion goes on at " + (index == -1 ? "no index" : at(index)));
      case Part.Opaque(Part.Bytes raw) -> out.println(text(raw));
    }
  }

  private static String at(long index) {
    return "[" + Long.toUnsignedString(index) + "]";
  }

  private void entry(Part.Entry entry) {
    out.print(entry.id());
    for (List<Part.Bytes> field : entry.fields()) {
      out.print("  " + text(field.get(0)) + " = " + text(field.get(1)));
    }
    long left = entry.fieldCount() - entry.fields().size();
    out.println(left > 0 ? "  … and %s more".formatted(Text.count(left, "field")) : "");
  }

  private void group(Part.Group group) {
    out.println(
        "group %s: delivered up to %s, %s read, %s pending"
            .formatted(
                text(group.name()),
                group.lastDelivered(),
                group.entriesRead() == ValueVisitor.ENTRIES_READ_UNKNOWN
                    ? "?"
                    : Text.count(group.entriesRead()),
                Text.count(group.pending())));
    for (Part.Consumer consumer : group.consumers()) {
      out.println(
          "  consumer %s: %s pending"
              .formatted(text(consumer.name()), Text.count(consumer.pending())));
    }
  }

  /// The bytes escaped, with a note if there are more of them.
  static String text(Part.Bytes bytes) {
    return bytes.cut()
        ? EscapedText.of(bytes.head()) + "… (%s in all)".formatted(ByteSize.format(bytes.length()))
        : EscapedText.of(bytes.head());
  }
}
