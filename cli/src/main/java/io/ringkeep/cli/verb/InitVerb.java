package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.placement.Feasibility;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.Encryption;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ringkeep init`.
@Command(
    name = "init",
    header = "Makes a repository.",
    description = {
      "",
      "A folder must be empty or absent, a bucket must exist. The passphrase opens the repository and nothing else does:"
          + " if it is lost, the backups are lost. Keep a copy where the backups are not.",
      "",
      "With -c a file of settings may name several storage nodes and a strategy, such as erasure:4+2; 'ringkeep nodes' looks"
          + " after them."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep init -r /srv/backup",
      "  ringkeep init -r /srv/backup --encryption none",
      "  ringkeep init -r s3://bucket/prefix?region=eu-central-1",
      "  ringkeep init -c ringkeep.yaml"
    })
final class InitVerb implements Verb {
  @Option(
      names = "--encryption",
      paramLabel = "aes-256-gcm|none",
      completionCandidates = Choices.OfEncryption.class,
      description = "how stored bytes are protected (default: aes-256-gcm)")
  Encryption encryption = Encryption.AES_256_GCM;

  /// What `init` reports.
  ///
  /// @param warnings what works, but not as one might expect: of storage nodes
  record InitView(String repository, String id, String encryption, List<String> warnings) {}

  @Override
  public Answer run(Session session) throws IOException {
    try (Repository repository = session.init(encryption)) {
      List<String> lines = new ArrayList<>();
      lines.add("made repository %s in %s".formatted(repository.id(), session.place()));
      if (repository.encrypted()) {
        lines.add("encrypted with AES-256-GCM under the passphrase");
        lines.add(
            "If the passphrase is lost, the backups are lost: keep a copy where the backups are not.");
      } else {
        lines.add(
            "Not encrypted: whoever can read this place can read the data, passwords in it included.");
      }
      List<String> warnings =
          repository.store() instanceof PlacedStore store
              ? Feasibility.of(store.table().nodes(), store.strategy()).warnings()
              : List.of();
      warnings.forEach(warning -> lines.add("note: " + warning));
      return Answer.done(
          new InitView(
              session.place().toString(), repository.id(), encryption.wireName(), warnings),
          lines);
    }
  }
}
