package io.ringkeep.cli.verb;

import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Text;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.restore.RdbExport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `ringkeep export`.
@Command(
    name = "export",
    header = "Writes a snapshot as RDB files that any Redis tool reads.",
    description = {
      "",
      "The files are not encrypted. With --files 3 the slots are split evenly over dump-1.rdb to dump-3.rdb."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep export -r /srv/backup --to dump.rdb",
      "  ringkeep export -r /srv/backup --cache orders --snapshot 3f9a --to dump.rdb --files 3"
    })
final class ExportVerb implements Verb {
  @Mixin private SnapshotOption snapshot = new SnapshotOption();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE",
      description = "the file to write; it must not exist")
  private @Nullable Path to;

  @Option(
      names = "--files",
      paramLabel = "N",
      description = "split over this many files (default: 1)")
  private int files = 1;

  /// What `export` reports.
  record ExportView(
      String snapshot,
      List<String> files,
      String version,
      long records,
      long bytes,
      double elapsedSeconds) {}

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    if (to == null || files < 1) {
      throw new InvalidRequest("--files is at least 1: files=" + files, null);
    }
    try (Repository repository = session.open()) {
      Manifest manifest = repository.snapshots(snapshot.cache()).resolve(snapshot.id());
      RdbExport.Result result;
      try (ProgressDisplay progress = session.progress()) {
        result = RdbExport.run(repository, manifest, to, files, session.clock(), progress);
      }
      ExportView view =
          new ExportView(
              manifest.id(),
              result.files().stream().map(Path::toString).toList(),
              result.version().magic(),
              result.records(),
              result.bytes(),
              Json.seconds(result.elapsed()));
      List<String> lines = new ArrayList<>();
      lines.add(
          "exported snapshot %s as %s: %s, %s, %s"
              .formatted(
                  view.snapshot(),
                  view.version(),
                  Text.count(view.records(), "record"),
                  ByteSize.format(view.bytes()),
                  DurationText.format(result.elapsed())));
      view.files().forEach(file -> lines.add("  " + file));
      return StorageReport.read(Answer.done(view, lines), repository);
    }
  }

  @Override
  public String afterInterruption() {
    return "no file was finished; run it again";
  }
}
