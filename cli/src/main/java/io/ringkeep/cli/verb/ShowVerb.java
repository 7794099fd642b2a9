package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringkeep show`.
@Command(
    name = "show",
    header = "Shows one snapshot: shards, types, and what was kept beside the records.",
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep show -r /srv/backup",
      "  ringkeep show -r /srv/backup --cache orders 3f9a --settings"
    })
final class ShowVerb implements Verb {
  @Parameters(
      arity = "0..1",
      paramLabel = "SNAPSHOT",
      description = "latest, an id, or the start of one (default: latest)")
  private String snapshot = "latest";

  @Mixin private CacheOption cache = new CacheOption();

  @Option(
      names = "--settings",
      description =
          "also the configuration and the ACL users of the source, without their secrets; Ringkeep keeps"
              + " them for you and never applies them")
  private boolean settings;

  @Override
  public Answer run(Session session) throws IOException {
    try (Repository repository = session.open()) {
      Manifest manifest = repository.snapshots(cache.name()).resolve(snapshot);
      SnapshotView view = SnapshotsOf.cache(repository, cache.name()).view(manifest);
      SnapshotDetails details = SnapshotDetails.of(view, manifest, settings);
      return Answer.done(details, details.text());
    }
  }
}
