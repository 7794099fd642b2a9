package io.ringkeep.backup;

import io.ringkeep.compact.Compact;
import io.ringkeep.compact.CompactResult;
import io.ringkeep.model.BackupException;
import io.ringkeep.repository.Cleanup;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.SnapshotWriter;
import io.ringkeep.repository.known.KnownFolder;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Collapse;
import io.ringkeep.repository.manifest.Consistency;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.run.WriteOptions;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Runs a plan: captures every shard, then commits.
public final class Backup {
  private Backup() {}

  /// Whether slots were being moved while a snapshot was taken. Then it does not say which of their
  /// keys were on which shard, or has not those that had come, and did not count yet.
  public static boolean slotsWereMoving(Manifest manifest) {
    return manifest.warnings().stream()
        .anyMatch(text ->
            text.startsWith(Capture.SLOTS_MOVED) || text.startsWith(Capture.SLOTS_MOVED_WHOLE));
  }

  /// Whether a snapshot may lack keys, since they moved key by key from one shard to another while
  /// these were read.
  public static boolean mayLackKeys(Manifest manifest) {
    return manifest.warnings().stream().anyMatch(text -> text.startsWith(Capture.SLOTS_MOVED));
  }

  /// What a ring's servers held that the snapshot does not have, since no client looks for it
  /// there: a sentence for each server.
  public static List<String> leftOut(Manifest manifest) {
    return manifest.warnings().stream()
        .filter(text -> text.startsWith(RingFilter.LEFT_OUT))
        .toList();
  }

  /// Discovers the source and decides what will be read.
  public static BackupPlan plan(BackupRequest request, Repository repository) throws IOException {
    return BackupPlanner.plan(request, repository);
  }

  /// Captures and commits. After any failure nothing of it is visible, and what was written is
  /// deleted, now or by the next backup.
  ///
  /// @throws BackupException if a server or the repository fails
  /// @throws IOException if a store fails in a way that has no kind of its own
  /// @throws InterruptedException if the caller is interrupted; nothing was committed then
  public static BackupResult run(
      BackupPlan plan, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    return run(plan, Optional.empty(), repository, clock, progress);
  }

  /// Makes a snapshot of shards that were rolled forward.
  ///
  /// @param request what it continues, and how it is compared; its source is not asked
  /// @throws BackupException as above
  public static BackupResult run(
      BackupRequest request, Rolled rolled, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    BackupPlan plan = BackupPlanner.plan(request, rolled.topology());
    return run(plan, Optional.of(rolled), repository, clock, progress);
  }

  private static BackupResult run(
      BackupPlan plan,
      Optional<Rolled> rolled,
      Repository repository,
      Clock clock,
      Progress progress)
      throws IOException, InterruptedException {
    BackupRequest request = plan.request();
    Instant started = clock.instant();
    Deadline deadline = Deadline.in(request.timeout(), "backup");
    plan.warnings().forEach(progress::note);
    KnownFolder folder =
        new KnownFolder(request.incremental().folder(), repository.id(), request.cache());
    try (Lease lease = repository.leases().acquire("cache-" + request.cache(), "backup");
        BaseChoice choice = BaseChoice.of(request, repository, folder, progress);
        SnapshotWriter writer =
            SnapshotWriter.begin(repository, request.cache(), lease, WriteOptions.standard())) {
      say(writer.cleanup(), progress);
      List<String> warnings = new ArrayList<>(plan.warnings());
      choice.warning().ifPresent(warnings::add);
      choice.base().ifPresent(writer::compareWith);
      gatherKnown(writer, folder, progress);
      Capture.Result captured =
          capture(plan, rolled, repository, writer, deadline, clock, progress);
      Optional<String> unusable = writer.complete();
      if (unusable.isPresent()) {
        warnings.add(BaseChoice.damaged(choice.previous().orElseThrow(), unusable.get()));
        progress.note(warnings.getLast());
        writer.startOverInFull();
        captured = capture(plan, rolled, repository, writer, deadline, clock, progress);
      }
      Capture.Result all = captured;
      warnings.addAll(captured.warnings());
      Optional<Collapse> collapse = choice.collapse(writer.contents().contents().records());
      if (request.incremental().acceptCollapse()) {
        collapse = Optional.empty();
      }
      collapse.ifPresent(mark -> warnings.add(say(mark, writer.contents().contents().records())));
      Manifest manifest =
          Manifests.of(
              writer,
              request.cache(),
              rolled.map(Rolled::moment).orElse(writer.time()),
              clock.instant(),
              rolled
                  .map(Rolled::consistency)
                  .orElseGet(() -> consistency(request, all, started, clock.instant())),
              captured.topology().kind().name().toLowerCase(Locale.ROOT),
              rolled.isPresent() ? Rolled.ORIGIN : request.via().name().toLowerCase(Locale.ROOT),
              collapse,
              captured.shards().stream()
                  .map(shard ->
                      rolled.map(origin -> origin.manifest(shard)).orElseGet(shard::manifest))
                  .toList(),
              captured.shards().stream()
                  .map(shard ->
                      rolled
                          .map(origin -> origin.sidecar(shard, repository.encrypted()))
                          .orElseGet(() -> shard.sidecar(repository.encrypted())))
                  .toList(),
              warnings);
      writer.commit(manifest);
      if (collapse.isEmpty()) {
        keepKnown(writer, folder, progress);
      }
      manifest = compacted(repository, lease, manifest, warnings, progress);
      return new BackupResult(
          manifest, Duration.between(started, clock.instant()), List.copyOf(warnings));
    }
  }

  /// Merges runs if the snapshot, which is there already, stands on too many of them. What goes
  /// wrong with that is said, and tried again by the next backup.
  private static Manifest compacted(
      Repository repository,
      Lease lease,
      Manifest manifest,
      List<String> warnings,
      Progress progress) {
    try {
      return Compact.afterCommit(repository, lease, manifest, progress)
          .map(CompactResult::after)
          .orElse(manifest);
    } catch (IOException | BackupException e) {
      warnings.add("the snapshot is there, but its runs were not merged: " + e.getMessage());
      return manifest;
    }
  }

  private static Consistency consistency(
      BackupRequest request, Capture.Result captured, Instant started, Instant ended) {
    return switch (request.via()) {
      case PSYNC -> Consistency.crashCut(captured.skewMillis());
      case SCAN -> Consistency.fuzzy(Duration.between(started, ended).toMillis());
    };
  }

  private static Capture.Result capture(
      BackupPlan plan,
      Optional<Rolled> rolled,
      Repository repository,
      SnapshotWriter writer,
      Deadline deadline,
      Clock clock,
      Progress progress)
      throws IOException, InterruptedException {
    return new Capture(plan, rolled, repository, writer, deadline, clock, progress).run();
  }

  private static void gatherKnown(SnapshotWriter writer, KnownFolder folder, Progress progress) {
    try {
      writer.gatherKnown(folder);
    } catch (KnownFolder.Unusable e) {
      progress.note("the next backup will read this snapshot: " + e.getMessage());
    }
  }

  private static void keepKnown(SnapshotWriter writer, KnownFolder folder, Progress progress) {
    try {
      writer.keepKnown(folder);
    } catch (KnownFolder.Unusable e) {
      progress.note("the next backup will read this snapshot: " + e.getMessage());
    }
  }

  private static void say(Cleanup cleanup, Progress progress) {
    if (cleanup.objects() > 0) {
      progress.note(
          "deleted what an interrupted backup had left: objects=%d bytes=%d"
              .formatted(cleanup.objects(), cleanup.bytes()));
    }
    cleanup.refusal().ifPresent(why -> progress.note("left-over objects stay: " + why));
  }

  /// A primary that restarted empty is read like any other; whoever looks at the result must see
  /// it.
  private static String say(Collapse collapse, long records) {
    return "far fewer records than in the snapshot before, so this is not 'latest': records=%d before=%d (%s); if it is right, back up again with --accept-collapse"
        .formatted(records, collapse.recordsBefore(), collapse.before());
  }
}
