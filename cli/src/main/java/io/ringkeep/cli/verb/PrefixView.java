package io.ringkeep.cli.verb;

import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Table;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.PrefixTree.Branch;
import io.ringkeep.lookup.PrefixTree.Child;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/// How names begin, as a table and as JSON.
final class PrefixView {
  private PrefixView() {}

  /// The heaviest branches of each branch, indented; what is left of each in a line.
  static List<String> text(Branch root, int mostBranches, int mostDepth) {
    Table table = new Table("PREFIX", ">KEYS", ">BYTES", ">SHARE");
    rows(table, "", root, root.bytes(), mostBranches, mostDepth);
    return table.lines();
  }

  private static void rows(
      Table table, String indent, Branch branch, long all, int mostBranches, int mostDepth) {
    List<Child> children = branch.children(mostBranches);
    long keys = branch.keys();
    long bytes = branch.bytes();
    for (Child child : children) {
      Branch below = child.branch();
      keys -= below.keys();
      bytes -= below.bytes();
      row(
          table,
          indent + child.word(),
          (below.atLeast() ? "≥" : "") + Text.count(below.keys()),
          below.bytes(),
          all);
      if (mostDepth > 1) {
        rows(table, indent + "  ", below, all, mostBranches, mostDepth - 1);
      }
    }
    if (!children.isEmpty() && keys > 0) {
      boolean more = branch.pruned() || branch.size() > children.size();
      row(table, indent + (more ? "(others)" : "(no more words)"), Text.count(keys), bytes, all);
    }
  }

  private static void row(Table table, String prefix, String keys, long bytes, long all) {
    table.row(
        prefix,
        keys,
        ByteSize.format(bytes),
        "%.1f %%".formatted(all == 0 ? 0.0 : 100.0 * bytes / all));
  }

  /// One branch and those below it, as an object.
  static void json(
      JsonGenerator json, String word, Branch branch, int mostBranches, int mostDepth) {
    json.writeStartObject();
    json.writeStringProperty("prefix", word);
    json.writeNumberProperty("keys", branch.keys());
    json.writeNumberProperty("bytes", branch.bytes());
    if (branch.atLeast()) {
      json.writeBooleanProperty("atLeast", true);
    }
    json.writeArrayPropertyStart("children");
    if (mostDepth > 0) {
      for (Child child : branch.children(mostBranches)) {
        json(json, word + child.word(), child.branch(), mostBranches, mostDepth - 1);
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
