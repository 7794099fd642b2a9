package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Table;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.KeyScan.Listed;
import io.ringkeep.lookup.PrefixTree.Branch;
import io.ringkeep.lookup.PrefixTree.Child;
import io.ringkeep.lookup.SpaceReport;
import io.ringkeep.lookup.SpaceReport.Lifetime;
import io.ringkeep.lookup.SpaceReport.Space;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.LogicalType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A [SpaceReport] for people, and as JSON.
///
/// @param types by the name of the type, the heaviest first
/// @param databases by number
/// @param expiry by the time that keys had to live when the snapshot was taken
/// @param prefixes the heaviest beginnings of names, with those within them
/// @param largest keys with the largest values, the largest first
record ReportView(
    String snapshot,
    Instant time,
    long keys,
    long bytes,
    Map<String, Space> types,
    Map<Integer, Space> databases,
    Map<String, Space> expiry,
    List<Prefix> prefixes,
    List<Key> largest) {

  /// How names begin.
  ///
  /// @param types bytes by the name of the type
  /// @param atLeast true if the numbers are lower bounds; else absent
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Prefix(
      String prefix,
      long keys,
      long bytes,
      Map<String, Long> types,
      @Nullable Boolean atLeast,
      List<Prefix> within) {}

  /// A large key; its bytes are those of its value.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Key(String key, int database, String type, long bytes, @Nullable Instant expires) {}

  static ReportView of(SpaceReport report, int mostBranches, int mostDepth) {
    Map<String, Space> types = new LinkedHashMap<>();
    heaviestFirst(report.types()).forEach(type -> types.put(type.getKey().word(), type.getValue()));
    Map<String, Space> expiry = new LinkedHashMap<>();
    report.lifetimes().forEach((lifetime, space) -> expiry.put(words(lifetime), space));
    return new ReportView(
        report.snapshot().id(),
        report.snapshot().time(),
        report.all().keys(),
        report.all().bytes(),
        types,
        report.databases(),
        expiry,
        prefixes("", report.tree(), mostBranches, mostDepth),
        report.largest().inOrder().stream().map(ReportView::key).toList());
  }

  private static Key key(Listed listed) {
    return new Key(
        listed.key(),
        listed.database(),
        listed.type().word(),
        listed.bytes(),
        listed.expiryMillis() == Record.NO_EXPIRY
            ? null
            : Instant.ofEpochMilli(listed.expiryMillis()));
  }

  private static List<Prefix> prefixes(String before, Branch branch, int most, int depth) {
    List<Prefix> prefixes = new ArrayList<>();
    if (depth > 0) {
      for (Child child : branch.children(most)) {
        Branch below = child.branch();
        Map<String, Long> types = new LinkedHashMap<>();
        for (LogicalType type : LogicalType.values()) {
          if (below.bytes(type) > 0) {
            types.put(type.word(), below.bytes(type));
          }
        }
        String prefix = before + child.word();
        prefixes.add(
            new Prefix(
                prefix,
                below.keys(),
                below.bytes(),
                types,
                below.atLeast() ? true : null,
                prefixes(prefix, below, most, depth - 1)));
      }
    }
    return prefixes;
  }

  /// The report in tables.
  static List<String> lines(SpaceReport report, int mostBranches, int mostDepth) {
    long all = report.all().bytes();
    List<String> lines = new ArrayList<>();
    lines.add(
        "snapshot %s of %s: %s, %s"
            .formatted(
                report.snapshot().id(),
                Text.time(report.snapshot().time()),
                Text.count(report.all().keys(), "key"),
                ByteSize.format(all)));
    lines.add("");
    Table types = table("TYPE");
    heaviestFirst(report.types())
        .forEach(type -> row(types, type.getKey().word(), type.getValue(), all));
    lines.addAll(types.lines());
    if (report.databases().size() > 1) {
      lines.add("");
      Table databases = table("DATABASE");
      report
          .databases()
          .forEach((number, space) -> row(databases, Integer.toString(number), space, all));
      lines.addAll(databases.lines());
    }
    lines.add("");
    Table lifetimes = table("EXPIRES");
    report.lifetimes().forEach((lifetime, space) -> row(lifetimes, words(lifetime), space, all));
    lines.addAll(lifetimes.lines());
    if (report.tree().size() > 0) {
      lines.add("");
      lines.addAll(PrefixView.text(report.tree(), mostBranches, mostDepth));
    }
    List<Listed> largest = report.largest().inOrder();
    if (!largest.isEmpty()) {
      lines.add("");
      Table keys = new Table("LARGEST", "TYPE", ">DB", ">VALUE");
      for (Listed key : largest) {
        keys.row(
            key.key(),
            key.type().word(),
            Integer.toString(key.database()),
            ByteSize.format(key.bytes()));
      }
      lines.addAll(keys.lines());
    }
    return lines;
  }

  private static Table table(String of) {
    return new Table(of, ">KEYS", ">BYTES", ">SHARE", ">A KEY", ">LARGEST");
  }

  private static void row(Table table, String name, Space space, long all) {
    table.row(
        name,
        Text.count(space.keys()),
        ByteSize.format(space.bytes()),
        "%.1f %%".formatted(all == 0 ? 0.0 : 100.0 * space.bytes() / all),
        ByteSize.format(space.bytes() / space.keys()),
        ByteSize.format(space.largestBytes()));
  }

  private static List<Map.Entry<LogicalType, Space>> heaviestFirst(Map<LogicalType, Space> types) {
    return types.entrySet().stream()
        .sorted(
            Comparator.comparingLong(
                    (Map.Entry<LogicalType, Space> type) -> type.getValue().bytes())
                .reversed())
        .toList();
  }

  private static String words(Lifetime lifetime) {
    return switch (lifetime) {
      case FOREVER -> "never";
      case NONE -> "had expired";
      case HOUR -> "within an hour";
      case DAY -> "within a day";
      case WEEK -> "within a week";
      case LONGER -> "later";
    };
  }
}
