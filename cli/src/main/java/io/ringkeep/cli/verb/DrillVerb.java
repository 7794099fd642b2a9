package io.ringkeep.cli.verb;

import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Text;
import io.ringkeep.repository.Repository;
import io.ringkeep.verify.Drill;
import io.ringkeep.verify.DrillRequest;
import io.ringkeep.verify.DrillResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `ringkeep drill`.
@Command(
    name = "drill",
    header = "Restores a snapshot into a scratch server, and records digest and measured time.",
    description = {
      "",
      "The server runs on this machine, on loopback, in a temporary folder, and is gone afterwards. It"
          + " must be able to load the snapshot: a redis-server or valkey-server on the PATH is taken,"
          + " or the one named."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep drill -r /srv/backup",
      "  ringkeep drill -r /srv/backup --cache orders --engine /opt/valkey/bin/valkey-server"
    })
final class DrillVerb implements Verb {
  @Mixin private SnapshotOption snapshot = new SnapshotOption();

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

  /// What `drill` reports.
  record DrillView(
      String snapshot,
      String cache,
      String engine,
      long records,
      String digest,
      double loadSeconds,
      double elapsedSeconds) {}

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    DrillRequest request =
        new DrillRequest(snapshot.cache(), snapshot.id(), Optional.ofNullable(engine), timeout);
    try (Repository repository = session.open()) {
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
      return Answer.done(
          view,
          List.of(
              "snapshot %s of %s restores: %s into %s, loaded in %s, %s in all, digests equal"
                  .formatted(
                      view.snapshot(),
                      view.cache(),
                      Text.count(view.records(), "record"),
                      view.engine(),
                      DurationText.format(result.load()),
                      DurationText.format(result.elapsed()))));
    }
  }

  @Override
  public String afterInterruption() {
    return "nothing was recorded; run it again";
  }
}
