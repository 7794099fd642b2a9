package io.ringkeep.cli.verb;

import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteRate;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.mirror.Mirror;
import io.ringkeep.place.RepositoryPlace;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ringkeep mirror`.
@Command(
    name = "mirror",
    header = "Copies the whole repository to a second one: what is not there yet.",
    description = {
      "",
      "Needs no passphrase; the second one opens with the same ones. It is whole after every write, can be restored from at any"
          + " time, and must not be backed up to: one that has gone its own way is refused. Exits 1 if a storage node of either"
          + " did not answer, and refuses --prune if it is one of the first."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep mirror -r /srv/backup --to s3://bucket/mirror?region=eu-central-1",
      "  ringkeep mirror -c ringkeep.yaml --to elsewhere.yaml --limit 20MiB/s"
    })
final class MirrorVerb implements Verb {
  @Option(
      names = "--to",
      required = true,
      paramLabel = "PLACE|FILE",
      description =
          "the second one: a folder, s3://…, sftp://…, or a file of settings that names it (.yaml)")
  private String to = "";

  @Option(
      names = "--limit",
      paramLabel = "RATE",
      description = "copy no faster than this (default: no limit)")
  private @Nullable ByteRate limit;

  @Option(
      names = "--prune",
      description = "remove there what is no longer here: a loss here would be copied, too")
  private boolean prune;

  @Override
  public Answer run(Session session) throws IOException {
    RepositoryPlace second = session.place(to);
    try (ObjectStore from = session.place().open(session.environment());
        ObjectStore target = second.openOrCreate(session.environment(), session.clock());
        ProgressDisplay progress = session.progress()) {
      Mirror.Result result =
          Mirror.run(
              from,
              target,
              limit == null ? OptionalLong.empty() : OptionalLong.of(limit.bytesPerSecond()),
              prune,
              session.clock(),
              progress);
      List<String> lines = new ArrayList<>();
      lines.add(
          "mirrored to %s: %s of %s copied, %s"
              .formatted(
                  second,
                  Text.count(result.copied()),
                  Text.count(result.objects(), "object"),
                  ByteSize.format(result.copiedBytes())));
      if (result.removed() > 0) {
        lines.add("removed there: " + Text.count(result.removed(), "object"));
      }
      if (result.surplus() > 0) {
        lines.add(
            "%s there are no longer here; --prune removes them"
                .formatted(Text.count(result.surplus(), "object")));
      }
      result
          .unseen()
          .forEach((node, why) ->
              lines.add(
                  "INCOMPLETE: what node %s alone holds was not copied: %s".formatted(node, why)));
      return StorageReport.written(Answer.of(result.unseen().isEmpty(), result, lines), target);
    }
  }

  @Override
  public String afterInterruption() {
    return "the second repository is whole as far as it got; run it again";
  }
}
