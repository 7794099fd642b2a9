package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Secrets;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.Table;
import io.ringkeep.cli.text.Text;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.KeyInfo;
import io.ringkeep.repository.crypto.Passphrase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringkeep passphrase`.
@Command(
    name = "passphrase",
    header = "Adds, changes, removes and lists the passphrases of a repository.",
    description = {
      "",
      "Any one of them opens the repository. Who has once known one and has kept a copy of the repository can"
          + " still read that copy."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      PassphraseVerb.Add.class,
      PassphraseVerb.Change.class,
      PassphraseVerb.Remove.class,
      PassphraseVerb.Show.class
    },
    footerHeading = "%nExample:%n",
    footer = "  ringkeep passphrase list -r /srv/backup")
final class PassphraseVerb {

  /// Where a new passphrase comes from.
  private static Passphrase newPassphrase(Session session, @Nullable Path file) {
    return Passphrase.of(
        session
            .secrets()
            .requireNew(
                file, Secrets.NEW_PASSPHRASE_VARIABLE, "--new-passphrase-file", "new passphrase"));
  }

  /// `ringkeep passphrase add`.
  @Command(
      name = "add",
      header = "Adds a passphrase; the others go on working.",
      footerHeading = "%nExample:%n",
      footer = "  ringkeep passphrase add -r /srv/backup --label colleague")
  static final class Add implements Verb {
    @Option(
        names = "--label",
        paramLabel = "TEXT",
        description = "whose it is, for 'passphrase list' (default: none)")
    private String label = "";

    @Option(
        names = "--new-passphrase-file",
        paramLabel = "FILE",
        description =
            "file whose first line is the new passphrase; else $"
                + Secrets.NEW_PASSPHRASE_VARIABLE
                + ", else it is asked for")
    private @Nullable Path file;

    @Override
    public Answer run(Session session) throws IOException {
      try (Repository repository = session.open()) {
        KeyInfo added = repository.keyring().add(newPassphrase(session, file), label);
        return Answer.done(added, List.of("added passphrase " + added.id()));
      }
    }
  }

  /// `ringkeep passphrase change`.
  @Command(
      name = "change",
      header = "Puts a new passphrase in the place of the one given.",
      footerHeading = "%nExample:%n",
      footer = "  ringkeep passphrase change -r /srv/backup")
  static final class Change implements Verb {
    @Option(
        names = "--new-passphrase-file",
        paramLabel = "FILE",
        description =
            "file whose first line is the new passphrase; else $"
                + Secrets.NEW_PASSPHRASE_VARIABLE
                + ", else it is asked for")
    private @Nullable Path file;

    @Override
    public Answer run(Session session) throws IOException {
      Passphrase current = session.passphrase();
      try (Repository repository = session.open()) {
        KeyInfo changed = repository.keyring().change(current, newPassphrase(session, file));
        return Answer.done(
            changed,
            List.of("changed: the new passphrase is " + changed.id() + ", the old one is gone"));
      }
    }

    @Override
    public String afterInterruption() {
      return "the old passphrase works; see 'passphrase list' whether the new one does too";
    }
  }

  /// `ringkeep passphrase remove`.
  @Command(
      name = "remove",
      header = "Removes a passphrase; the last one stays.",
      footerHeading = "%nExample:%n",
      footer = "  ringkeep passphrase remove -r /srv/backup 0f3a51c29d7e8b64")
  static final class Remove implements Verb {
    @Parameters(paramLabel = "ID", description = "its id in 'passphrase list'")
    private String id = "";

    @Override
    public Answer run(Session session) throws IOException {
      try (Repository repository = session.open()) {
        repository.keyring().remove(id);
        return Answer.done(Map.of("removed", id), List.of("removed passphrase " + id));
      }
    }
  }

  /// `ringkeep passphrase list`.
  @Command(
      name = "list",
      header = "Lists the passphrases: ids and labels, never the words themselves.",
      footerHeading = "%nExample:%n",
      footer = "  ringkeep passphrase list -r /srv/backup")
  static final class Show implements Verb {
    @Override
    public Answer run(Session session) throws IOException {
      try (Repository repository = session.open()) {
        List<KeyInfo> keys = repository.keyring().list();
        Table table = new Table("ID", "CREATED", "LABEL");
        keys.forEach(key -> table.row(key.id(), Text.time(key.created()), key.label()));
        return Answer.done(keys, table.lines());
      }
    }
  }
}
