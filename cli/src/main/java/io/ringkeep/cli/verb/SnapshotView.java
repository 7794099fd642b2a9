package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupResult;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Table;
import io.ringkeep.cli.text.Text;
import io.ringkeep.repository.SnapshotSpace;
import io.ringkeep.repository.manifest.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A snapshot as `list` and `backup` show it.
///
/// @param id what `--snapshot` takes; so does the start of it
/// @param time when its capture began
/// @param completed when it was committed
/// @param cache name of the lineage
/// @param consistency `crash-cut`: the shards were cut one after the other; `fuzzy`: the keys were
/// @param skewMillis time between the first and the last of these cuts
/// @param topology the source's
/// @param shards number of shards
/// @param records number of keys
/// @param bytes size of the records before compression
/// @param storedBytes what all it needs takes in the repository, also if others need it too
/// @param kind `full`, or `incremental`: it shares what did not change with the snapshot before
/// @param base id of the snapshot it was compared with, if it is incremental
/// @param changed how many records it stored itself
/// @param removed how many keys of its base were gone
/// @param addedBytes how much its own records took in the repository
/// @param collapsed true if far fewer keys were found than before: `latest` passes it over
/// @param origin `psync` or `import`
/// @param digest sum over all records; equal data has an equal digest within one repository
/// @param freesBytes what forgetting it alone would free
/// @param pinned the note it is pinned with, which may be empty; absent if it is not pinned
/// @param elapsedSeconds how long it took, just after it was taken
/// @param warnings what needs attention
@JsonInclude(JsonInclude.Include.NON_NULL)
record SnapshotView(
    String id,
    Instant time,
    Instant completed,
    String cache,
    String consistency,
    long skewMillis,
    String topology,
    int shards,
    long records,
    long bytes,
    long storedBytes,
    String kind,
    @Nullable String base,
    long changed,
    long removed,
    long addedBytes,
    boolean collapsed,
    String origin,
    String digest,
    @Nullable Long freesBytes,
    @Nullable String pinned,
    @Nullable Double elapsedSeconds,
    List<String> warnings) {

  static SnapshotView of(Manifest manifest) {
    return of(manifest, null, null, null, manifest.warnings());
  }

  /// One that is in the repository.
  ///
  /// @param space of all snapshots of its cache
  /// @param pin as the ledger has it
  static SnapshotView of(Manifest manifest, SnapshotSpace space, Optional<String> pin) {
    return of(
        manifest,
        space.onlyNeededBy(Set.of(manifest.id())),
        pin.orElse(null),
        null,
        manifest.warnings());
  }

  private static SnapshotView of(
      Manifest manifest,
      @Nullable Long freesBytes,
      @Nullable String pinned,
      @Nullable Double elapsedSeconds,
      List<String> warnings) {
    return new SnapshotView(
        manifest.id(),
        manifest.time().truncatedTo(ChronoUnit.MILLIS),
        manifest.completed().truncatedTo(ChronoUnit.MILLIS),
        manifest.cache(),
        manifest.consistency().level(),
        manifest.consistency().skewMillis(),
        manifest.topology(),
        manifest.shards().size(),
        manifest.records(),
        manifest.bytes(),
        manifest.storedBytes(),
        Choices.word(manifest.added().kind()),
        manifest.added().base().orElse(null),
        manifest.added().changed(),
        manifest.added().removed(),
        manifest.added().storedBytes(),
        manifest.collapse().isPresent(),
        manifest.origin(),
        manifest.digest(),
        freesBytes,
        pinned,
        elapsedSeconds,
        warnings);
  }

  /// The answer of a command that has just taken a snapshot.
  ///
  /// @param said warnings that progress has shown already
  static Answer taken(BackupResult result, List<String> said) {
    SnapshotView view =
        of(result.manifest(), null, null, Json.seconds(result.elapsed()), result.warnings());
    List<String> lines = new ArrayList<>();
    lines.add(
        "snapshot %s of %s: %s in %s, %s, %s, %s stored, %s, taken in %s"
            .formatted(
                view.id(),
                view.cache(),
                Text.count(view.records(), "record"),
                Text.count(view.shards(), "shard"),
                ByteSize.format(view.bytes()),
                view.changesText(),
                ByteSize.format(view.addedBytes()),
                view.consistencyText(),
                DurationText.format(result.elapsed())));
    view.warnings().stream()
        .filter(warning -> !said.contains(warning))
        .forEach(warning -> lines.add("note: " + warning));
    boolean whole =
        !view.collapsed()
            && !Backup.mayLackKeys(result.manifest())
            && Backup.leftOut(result.manifest()).isEmpty();
    return Answer.of(whole, view, lines);
  }

  /// Several as a table.
  static List<String> table(List<SnapshotView> snapshots) {
    boolean anyPinned = snapshots.stream().anyMatch(snapshot -> snapshot.pinned() != null);
    List<String> headings =
        new ArrayList<>(
            List.of(
                "SNAPSHOT",
                "TIME",
                "CACHE",
                ">SHARDS",
                ">RECORDS",
                ">BYTES",
                "CHANGES",
                ">ADDED",
                ">FREES",
                "CONSISTENCY"));
    if (anyPinned) {
      headings.add("PINNED");
    }
    Table table = new Table(headings.toArray(String[]::new));
    for (SnapshotView snapshot : snapshots) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  snapshot.id(),
                  Text.time(snapshot.time()),
                  snapshot.cache(),
                  Text.count(snapshot.shards()),
                  Text.count(snapshot.records()),
                  ByteSize.format(snapshot.bytes()),
                  snapshot.changesText(),
                  ByteSize.format(snapshot.addedBytes()),
                  snapshot.freesBytes() == null ? "-" : ByteSize.format(snapshot.freesBytes()),
                  snapshot.collapsed()
                      ? snapshot.consistencyText() + ", COLLAPSED"
                      : snapshot.consistencyText()));
      if (anyPinned) {
        cells.add(snapshot.pinnedText());
      }
      table.row(cells.toArray(String[]::new));
    }
    return table.lines();
  }

  /// The note, or that it is pinned without one.
  String pinnedText() {
    return pinned == null ? "" : pinned.isEmpty() ? "yes" : pinned;
  }

  /// `full`, or how much differed from the snapshot before.
  String changesText() {
    return base == null
        ? kind
        : "%s changed, %s gone".formatted(Text.count(changed), Text.count(removed));
  }

  /// `crash-cut`, with the time between the cuts where there are several; `fuzzy`, with the time
  /// that reading took.
  String consistencyText() {
    return shards < 2 && !consistency.equals("fuzzy")
        ? consistency
        : consistency + " within " + DurationText.format(Duration.ofMillis(skewMillis));
  }
}
