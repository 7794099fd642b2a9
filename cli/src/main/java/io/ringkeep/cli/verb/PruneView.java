package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.repository.Garbage;
import io.ringkeep.repository.log.ForgottenLog;
import io.ringkeep.retention.Prune;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What `prune` did in one cache, or would do.
///
/// @param cache name of the lineage
/// @param dryRun whether nothing was deleted
/// @param objects how many were deleted
/// @param bytes that this freed
/// @param freed retired manifests whose time had come
/// @param waiting those whose time has not
/// @param logs segments that were forgotten
/// @param heldObjects how many stay because someone reads
/// @param heldBytes what these take
/// @param readers who that is
/// @param locked who works on the cache, so that nothing was done
@JsonInclude(JsonInclude.Include.NON_NULL)
record PruneView(
    String cache,
    boolean dryRun,
    long objects,
    long bytes,
    List<RetiredView> freed,
    List<RetiredView> waiting,
    List<LogPartView> logs,
    long heldObjects,
    long heldBytes,
    List<String> readers,
    @Nullable String locked) {

  /// A snapshot that was forgotten, or the manifest that it had before it was compacted.
  record RetiredView(String snapshot, String reason, Instant since, Instant due, long bytes) {
    static RetiredView of(Garbage.Freed freed) {
      return new RetiredView(
          freed.manifest().reference().id(),
          freed.manifest().forgotten() ? "forgotten" : "compacted",
          freed.manifest().since().truncatedTo(ChronoUnit.MILLIS),
          freed.due().truncatedTo(ChronoUnit.MILLIS),
          freed.bytes());
    }
  }

  /// What was forgotten of the log of one shard.
  ///
  /// @param bytes whose time has come
  /// @param waitingBytes whose time has not
  /// @param due when that will have come
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record LogPartView(String shard, long bytes, long waitingBytes, @Nullable Instant due) {
    static LogPartView of(ForgottenLog log) {
      return new LogPartView(
          log.shard(),
          Garbage.bytes(log.due()),
          Garbage.bytes(log.waiting()),
          log.waiting().isEmpty() ? null : log.waitingUntil().truncatedTo(ChronoUnit.MILLIS));
    }

    List<String> text() {
      List<String> lines = new ArrayList<>();
      if (bytes > 0) {
        lines.add("  log of shard %s, forgotten: %s".formatted(shard, ByteSize.format(bytes)));
      }
      if (due != null) {
        lines.add(
            "  log of shard %s, forgotten: %s, not before %s"
                .formatted(shard, ByteSize.format(waitingBytes), Text.time(due)));
      }
      return lines;
    }
  }

  static PruneView of(Prune.Result result, boolean dryRun) {
    return new PruneView(
        result.cache(),
        dryRun,
        result.objects(),
        result.bytes(),
        result.garbage().freed().stream().map(RetiredView::of).toList(),
        result.garbage().waiting().stream().map(RetiredView::of).toList(),
        result.logs().stream()
            .filter(log -> !log.due().isEmpty() || !log.waiting().isEmpty())
            .map(LogPartView::of)
            .toList(),
        result.heldObjects(),
        result.heldBytes(),
        result.readers().stream().map(Object::toString).toList(),
        null);
  }

  static PruneView locked(String cache, boolean dryRun, String why) {
    return new PruneView(
        cache, dryRun, 0, 0, List.of(), List.of(), List.of(), 0, 0, List.of(), why);
  }

  /// Whether all was done that could be done at this time.
  boolean complete() {
    return heldObjects == 0 && locked == null;
  }

  List<String> text() {
    if (locked != null) {
      return List.of("%s: nothing was done: %s".formatted(cache, locked));
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s: %s %s, %s"
            .formatted(
                cache,
                dryRun ? "would free" : "freed",
                ByteSize.format(bytes),
                Text.count(objects, "object")));
    freed.forEach(manifest ->
        lines.add(
            "  %s, %s since %s: %s"
                .formatted(
                    manifest.snapshot(),
                    manifest.reason(),
                    Text.time(manifest.since()),
                    ByteSize.format(manifest.bytes()))));
    waiting.forEach(manifest ->
        lines.add(
            "  %s, %s since %s: %s, not before %s"
                .formatted(
                    manifest.snapshot(),
                    manifest.reason(),
                    Text.time(manifest.since()),
                    ByteSize.format(manifest.bytes()),
                    Text.time(manifest.due()))));
    logs.forEach(log -> lines.addAll(log.text()));
    if (heldObjects > 0) {
      lines.add(
          "  left: %s in %s, since someone may read them: %s"
              .formatted(
                  ByteSize.format(heldBytes),
                  Text.count(heldObjects, "object"),
                  String.join("; ", readers)));
      lines.add("  run prune again when they have ended, or let it wait: --wait 1h");
    }
    return lines;
  }
}
