package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Table;
import io.ringkeep.cli.text.Text;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.recover.Moment;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.recover.Timelines;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.ProofRecord;
import io.ringkeep.repository.manifest.SnapshotCatalog;
import io.ringkeep.verify.Drill;
import io.ringkeep.verify.DrillRequest;
import io.ringkeep.verify.DrillResult;
import io.ringkeep.verify.MomentDrill;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `ringkeep drill`.
@Command(
    name = "drill",
    header = "Restores a snapshot or a moment into a scratch server, and records digest and time.",
    description = {
      "",
      "The server runs on this machine, on loopback, in a temporary folder, and is gone afterwards. It"
          + " must be able to load the snapshot: a redis-server or valkey-server on the PATH is taken,"
          + " or the one named. A moment of a cluster takes one server for each shard, all at once."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep drill -r /srv/backup",
      "  ringkeep drill -r /srv/backup --cache orders --engine /opt/valkey/bin/valkey-server",
      "  ringkeep drill -r /srv/backup --to -15m",
      "  ringkeep drill -r /srv/backup --results"
    })
final class DrillVerb implements Verb {
  @Mixin private SnapshotOption snapshot = new SnapshotOption();

  @Option(
      names = "--to",
      paramLabel = "MOMENT",
      description = {
        "what 'archive' has recorded up to a moment, instead of a snapshot:",
        "2026-11-22T10:15:00.250Z, -15m, offset:N, offset:SHARD=N,SHARD=N,"
            + " or before:ID from 'log events'"
      })
  private @Nullable String to;

  @Mixin private TimelineOption timeline = new TimelineOption();

  @Option(names = "--results", description = "list what earlier drills have found, and stop")
  private boolean results;

  @Option(
      names = "--engine",
      paramLabel = "PATH",
      description = "the server program (default: one on the PATH that can load the snapshot)")
  private @Nullable Path engine;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "give up after this long (default: 6h)")
  private Duration timeout = Duration.ofHours(6);

  /// What `drill` reports of a snapshot.
  record DrillView(
      String snapshot,
      String cache,
      String engine,
      long records,
      String digest,
      double loadSeconds,
      double elapsedSeconds) {}

  /// What it reports of a moment.
  ///
  /// @param moment as it was asked for
  /// @param cuts where each shard's log was cut, and the snapshot it was replayed onto
  /// @param boundSeconds what is left out was executed at most so long before the time asked for
  /// @param logBytes that were replayed
  /// @param commands that were replayed and change data
  /// @param rolledSeconds until servers held the moment
  /// @param elapsedSeconds until it had been read, too
  record MomentView(
      String moment,
      String cache,
      List<ProofRecord.Cut> cuts,
      double boundSeconds,
      long logBytes,
      long commands,
      String engine,
      long records,
      String digest,
      double rolledSeconds,
      double elapsedSeconds) {
    static MomentView of(MomentDrill.Result result) {
      Moment moment = result.moment();
      ProofRecord proof = result.proof();
      return new MomentView(
          proof.moment(),
          moment.cache(),
          proof.cuts(),
          Json.seconds(moment.bound()),
          moment.logBytes(),
          result.commands(),
          proof.engine(),
          proof.records(),
          proof.digest(),
          Json.seconds(result.rolled()),
          proof.elapsedMillis() / 1_000.0);
    }

    String text() {
      return "moment %s of %s restores: %s in %s on %s of log, %s, rolled forward in %s s, read in %s s in all, digest %s"
          .formatted(
              moment,
              cache,
              Text.count(records, "record"),
              engine,
              ByteSize.format(logBytes),
              Text.count(commands, "command"),
              rolledSeconds,
              elapsedSeconds,
              digest);
    }
  }

  /// What a drill has found once.
  ///
  /// @param moment absent if it was the snapshot itself
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ResultView(
      Instant time,
      String snapshot,
      @Nullable String moment,
      long records,
      String digest,
      String engine,
      double elapsedSeconds) {
    static ResultView of(ProofRecord proof) {
      return new ResultView(
          proof.time(),
          proof.snapshot(),
          proof.moment().isEmpty() ? null : proof.moment(),
          proof.records(),
          proof.digest(),
          proof.engine(),
          proof.elapsedMillis() / 1_000.0);
    }
  }

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    if (to != null && !snapshot.id().equals(SnapshotCatalog.LATEST)) {
      throw new InvalidRequest(
          "a moment and a snapshot are named: snapshot=" + snapshot.id(),
          "leave --snapshot or --to out: the log finds its base by itself");
    }
    Timelines timelines = timeline.timelines(/* moment= */ to != null, "--to");
    try (Repository repository = session.open()) {
      if (results) {
        return results(repository);
      }
      return to == null
          ? snapshot(session, repository)
          : moment(
              session,
              repository,
              RecoveryTarget.parse(to, session.clock().instant(), DurationText::parse),
              timelines);
    }
  }

  private Answer snapshot(Session session, Repository repository)
      throws IOException, InterruptedException {
    DrillRequest request =
        new DrillRequest(snapshot.cache(), snapshot.id(), Optional.ofNullable(engine), timeout);
    DrillResult result;
    try (ProgressDisplay progress = session.progress()) {
      result = Drill.run(request, repository, session.clock(), progress);
    }
    DrillView view =
        new DrillView(
            result.manifest().id(),
            result.manifest().cache(),
            result.engine(),
            result.records(),
            result.manifest().digest(),
            Json.seconds(result.load()),
            Json.seconds(result.elapsed()));
    String text =
        "snapshot %s of %s restores: %s into %s, loaded in %s, %s in all, digests equal"
            .formatted(
                view.snapshot(),
                view.cache(),
                Text.count(view.records(), "record"),
                view.engine(),
                DurationText.format(result.load()),
                DurationText.format(result.elapsed()));
    return StorageReport.read(Answer.done(view, List.of(text)), repository);
  }

  private Answer moment(
      Session session, Repository repository, RecoveryTarget target, Timelines timelines)
      throws IOException, InterruptedException {
    MomentDrill.Result result;
    try (ProgressDisplay progress = session.progress()) {
      result =
          MomentDrill.run(
              snapshot.cache(),
              target,
              timelines,
              Optional.ofNullable(engine),
              timeout,
              repository,
              session.clock(),
              progress);
    }
    MomentView view = MomentView.of(result);
    return StorageReport.read(Answer.done(view, List.of(view.text())), repository);
  }

  private Answer results(Repository repository) throws IOException {
    List<ResultView> views =
        repository.proofs(snapshot.cache()).all().stream()
            .filter(proof -> proof.type() != ProofRecord.Type.VERIFY)
            .map(ResultView::of)
            .toList();
    Table table = new Table("TIME", "RESTORED", ">RECORDS", ">SECONDS", "ENGINE", "DIGEST");
    for (ResultView view : views) {
      table.row(
          Text.time(view.time()),
          view.moment() == null ? "snapshot " + view.snapshot() : view.moment(),
          Text.count(view.records()),
          Double.toString(view.elapsedSeconds()),
          view.engine(),
          view.digest());
    }
    return Answer.done(
        views, views.isEmpty() ? List.of("no drill has ended well yet") : table.lines());
  }

  @Override
  public String afterInterruption() {
    return "nothing was recorded; run it again";
  }
}
