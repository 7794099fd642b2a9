package io.ringkeep.restore;

import io.ringkeep.check.CheckLine;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.topology.Sentinels;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import io.ringkeep.task.Shielded;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Runs a plan: loads the target and proves what it holds.
public final class Restore {
  private static final Duration SENTINEL_PATIENCE = Duration.ofSeconds(40);

  private Restore() {}

  /// Decides how the snapshot gets onto the target; touches nothing.
  public static RestorePlan plan(RestoreRequest request, Repository repository, Clock clock)
      throws IOException {
    return RestorePlanner.plan(request, repository, clock);
  }

  /// Tests whether a restore would work, as lines to print; touches nothing.
  public static List<CheckLine> check(RestoreRequest request, Repository repository, Clock clock)
      throws IOException {
    return RestorePlanner.check(request, repository, clock);
  }

  /// Loads and proves.
  ///
  /// Settings that are changed for the load, and Sentinels that are paused for it, are put back
  /// after a failure too. What was loaded up to a failure stays on the target. What could not be
  /// put back is in the result, or on the failure as [NotPutBack].
  ///
  /// @throws BackupException if the repository is damaged (before anything is destroyed), or the
  ///   target fails
  /// @throws InterruptedException if the caller is interrupted
  public static RestoreResult run(
      RestorePlan plan, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    return run(plan, Optional.empty(), repository, clock, progress);
  }

  /// Loads a snapshot and what follows it.
  ///
  /// @param tail sent behind the snapshot; only a plan that loads by replication can have one
  /// @throws BackupException as above
  public static RestoreResult run(
      RestorePlan plan, Optional<Tail> tail, Repository repository, Clock clock, Progress progress)
      throws IOException, InterruptedException {
    List<String> left = Collections.synchronizedList(new ArrayList<>());
    try {
      return run(plan, tail, left, repository, clock, progress);
    } catch (IOException | InterruptedException | RuntimeException e) {
      left.forEach(sentence -> e.addSuppressed(new NotPutBack(sentence)));
      throw e;
    }
  }

  /// @param left gets what could not be put back
  private static RestoreResult run(
      RestorePlan plan,
      Optional<Tail> tail,
      List<String> left,
      Repository repository,
      Clock clock,
      Progress progress)
      throws IOException, InterruptedException {
    long startNanos = System.nanoTime();
    Deadline deadline = Deadline.in(plan.request().timeout(), "restore");
    List<String> warnings = new ArrayList<>(plan.warnings());
    try (Lease lease = repository.leases().acquireRead("restore")) {
      repository.snapshots(plan.request().cache()).requireUnchanged(plan.manifest());
      if (!plan.destroys().isEmpty()) {
        readWhole(plan, repository, clock, progress);
        if (tail.isPresent()) {
          tail.get().check();
        }
      }
      warnings.addAll(keepUndo(plan, repository, clock, progress).stream().toList());
      lease.check();
      requireUnchanged(plan);
      Loaded loaded =
          switch (plan.loader()) {
            case REPLICATION ->
                byReplication(plan, tail, left, repository, deadline, clock, progress);
            case RESTORE ->
                new CommandRestore(plan, left::add, repository, deadline, clock, progress).run();
            case AUTO -> throw new IllegalArgumentException("a plan has decided");
          };
      boolean wanted = plan.request().proof() == Proof.TARGET;
      if (wanted && !loaded.proven()) {
        warnings.add("the target could not be read back: what it holds is not proven");
      }
      return new RestoreResult(
          plan,
          loaded.fed().records(),
          loaded.fed().expired(),
          loaded.fed().expiringWithinHour(),
          loaded.proven(),
          loaded.load(),
          Duration.ofNanos(System.nanoTime() - startNanos),
          List.copyOf(warnings),
          List.copyOf(left));
    }
  }

  /// A person may have looked at the plan for an hour, and the target is in somebody's use.
  ///
  /// @throws BackupException.TargetRefused if it was found empty, which made the plan what it is,
  ///   and is not any more
  private static void requireUnchanged(RestorePlan plan) {
    if (plan.request().existing() == Existing.MERGE || !plan.emptyTarget()) {
      return;
    }
    for (TargetServer target : plan.servers()) {
      try (ServerConnection server =
          ServerConnection.open(target.facts().endpoint(), plan.request().connection())) {
        long keys = TargetServer.keys(server);
        if (keys > 0) {
          throw new BackupException.TargetRefused(
              "keys were written to the target after it was looked at: server=%s keys=%d"
                  .formatted(target.facts().endpoint(), keys),
              "nothing was changed; stop who writes there, and restore again");
        }
      }
    }
  }

  /// Backs up what the target holds, if that is wanted and it holds anything.
  ///
  /// @return what to tell the operator about it
  /// @throws BackupException if the target can't be read: it was not changed then
  /// @throws InterruptedException if the caller is interrupted
  public static Optional<String> keepUndo(
      RestorePlan plan, Repository repository, Clock clock, Progress progress)
      throws InterruptedException {
    if (!plan.request().options().undo() || !plan.targetHoldsData()) {
      return Optional.empty();
    }
    String undo = backUpTarget(plan, repository, clock, progress);
    return Optional.of(
        "what the target held is snapshot %s of %s: restore --undo puts it back"
            .formatted(undo, UndoSnapshot.cache(plan.request().cache())));
  }

  private static String backUpTarget(
      RestorePlan plan, Repository repository, Clock clock, Progress progress)
      throws InterruptedException {
    try {
      return UndoSnapshot.take(plan, repository, clock, progress);
    } catch (BackupException.Unavailable | IOException e) {
      throw new BackupException.Unavailable(
          "what the target holds can't be backed up first: " + e.getMessage(),
          "nothing was changed; try again later, or restore with --no-undo, which keeps no way back",
          e);
    }
  }

  /// What a loader did.
  ///
  /// @param fed what was sent
  /// @param load from the first byte sent to the last acknowledgement
  /// @param proven whether the target was read back and was equal
  record Loaded(SnapshotFeed.Fed fed, Duration load, boolean proven) {}

  /// Reads all of the snapshot before the target loses anything for it.
  private static void readWhole(
      RestorePlan plan, Repository repository, Clock clock, Progress progress) throws IOException {
    try (Progress.Task task =
        progress.begin(
            "snapshot " + plan.manifest().id(), OptionalLong.of(plan.manifest().bytes()))) {
      task.phase("reading it whole before anything is removed");
      SnapshotFeed.check(repository, plan.manifest(), plan.slots(), clock, task);
    }
  }

  private static Loaded byReplication(
      RestorePlan plan,
      Optional<Tail> tail,
      List<String> left,
      Repository repository,
      Deadline deadline,
      Clock clock,
      Progress progress)
      throws IOException {
    TargetServer server = plan.servers().getFirst();
    Endpoint target = server.shard().primary().endpoint();
    RdbVersion version = RdbVersions.choose(plan.manifest(), server.facts().engine()).orElseThrow();
    ReplicationLoader loader =
        new ReplicationLoader(
            repository,
            plan.manifest(),
            plan.slots(),
            target,
            plan.request().connection(),
            deadline,
            clock,
            progress,
            left::add);
    InetAddress advertised = advertised(plan.request(), target);
    if (plan.topology().kind() != Topology.Kind.SENTINEL) {
      return loader.load(version, advertised, plan.emptyTarget(), plan.request().proof(), tail);
    }
    Sentinels sentinels = Sentinels.of(plan.topology(), plan.request().connection());
    sentinels.pause();
    try {
      return loader.load(version, advertised, plan.emptyTarget(), plan.request().proof(), tail);
    } finally {
      progress.note("waiting until the Sentinels see the primary again");
      Shielded.run(() -> resume(sentinels, clock, left::add));
    }
  }

  /// Does not fail: what was restored is there, or another failure is on its way.
  private static void resume(Sentinels sentinels, Clock clock, Consumer<String> left) {
    try {
      sentinels.resume(SENTINEL_PATIENCE, clock);
    } catch (BackupException e) {
      left.accept(e.getMessage() + ": " + e.hint().orElseGet(sentinels::resumeByHand));
    }
  }

  /// Our address as the target sees it: the near end of a connection to it.
  private static InetAddress advertised(RestoreRequest request, Endpoint target)
      throws IOException {
    if (request.advertise().isPresent()) {
      return request.advertise().get();
    }
    try (Socket socket = new Socket(target.host(), target.port())) {
      return socket.getLocalAddress();
    }
  }
}
