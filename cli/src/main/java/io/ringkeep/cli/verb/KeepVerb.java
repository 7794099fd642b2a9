package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.repository.Repository;
import io.ringkeep.retention.Pins;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringkeep keep`.
@Command(
    name = "keep",
    header = "Pins a snapshot, so that nothing forgets it, or releases it.",
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep keep -r /srv/backup --cache orders 3f9a --note migration",
      "  ringkeep keep -r /srv/backup --cache orders 3f9a --remove"
    })
final class KeepVerb implements Verb {
  @Parameters(paramLabel = "SNAPSHOT", description = "latest, an id, or the start of one")
  private String snapshot = "";

  @Mixin private CacheOption cache = new CacheOption();

  @Option(
      names = "--note",
      paramLabel = "TEXT",
      description = "why, for 'list' and 'forget' to show; takes the place of an earlier one")
  private @Nullable String note;

  @Option(names = "--remove", description = "release it: the rules of 'forget' count again")
  private boolean remove;

  /// What `keep` reports.
  record KeepView(String cache, String snapshot, boolean pinned, String note) {}

  @Override
  public Answer run(Session session) throws IOException {
    if (remove && note != null) {
      throw new InvalidRequest("a note for a snapshot that is released", "leave out --note");
    }
    String text = note == null ? "" : note;
    try (Repository repository = session.open()) {
      String id =
          remove
              ? Pins.release(repository, cache.name(), snapshot, session.clock())
              : Pins.keep(repository, cache.name(), snapshot, text, session.clock());
      return Answer.done(
          new KeepView(cache.name(), id, !remove, text),
          List.of((remove ? "released " : "pinned ") + id + " of " + cache.name()));
    }
  }
}
