package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.client.BackupOptions;
import io.ringkeep.client.KeyBackups;
import io.ringkeep.client.KeyOutcome;
import io.ringkeep.client.KeyPair;
import io.ringkeep.client.RestoreOptions;
import io.ringkeep.model.BackupException.InvalidRequest;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringkeep key`.
@Command(
    name = "key",
    header = "Backs single keys up inside the cache, and puts them back.",
    description = {
      "",
      "Such backups are keys of the cache: they use its maxmemory, may be evicted and die with FLUSHALL."
          + " 'backup' and 'undelete' keep keys in a repository."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      KeyVerb.Backup.class,
      KeyVerb.Restore.class,
      KeyCareVerbs.Listing.class,
      KeyCareVerbs.Check.class,
      KeyCareVerbs.Repair.class,
      KeyCareVerbs.Delete.class
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep key backup cart:42 cart:42:saved --source redis://10.0.0.1:6379",
      "  ringkeep key restore cart:42:saved cart:42 --source redis://10.0.0.1:6379"
    })
final class KeyVerb {
  /// What was done with one key.
  record Done(String key, String backupKey) {}

  private static Answer answer(KeyOutcome outcome, String key, String backupKey, String line) {
    outcome
        .failure()
        .ifPresent(failure -> {
          throw failure;
        });
    return Answer.done(new Done(key, backupKey), List.of(line));
  }

  /// `ringkeep key backup`.
  @Command(
      name = "backup",
      header = "Backs a key up under another name: type, value and expiry.",
      description = {
        "",
        "The backup key must not be there yet, unless you say --replace; it never overwrites what is"
            + " no backup."
      },
      footerHeading = "%nExample:%n",
      footer = {
        "  ringkeep key backup cart:42 cart:42:saved --source redis://10.0.0.1:6379",
        "  ringkeep key backup cart:42 cart:42:saved --copies 3 --ttl 7d --source redis://10.0.0.1:6379"
      })
  static final class Backup implements Verb {
    @Parameters(index = "0", paramLabel = "KEY", description = "what is backed up")
    private String key = "";

    @Parameters(index = "1", paramLabel = "BACKUP_KEY", description = "name of the backup")
    private String backupKey = "";

    @Mixin private KeySource cache = new KeySource();

    @Option(
        names = "--copies",
        paramLabel = "N",
        description = "whole copies, each on a primary of its own (default: 1)")
    private int copies = 1;

    @Option(
        names = "--divide",
        paramLabel = "N",
        description = "cut the value in pieces, each on a primary of its own (default: 1)")
    private int pieces = 1;

    @Option(
        names = "--ttl",
        paramLabel = "DURATION",
        description = "how long the backup is kept, such as 12h or 7d (default: until deleted)")
    private @Nullable Duration ttl;

    @Option(names = "--replace", description = "overwrite a backup that is there")
    private boolean replace;

    @Override
    public Answer run(Session session) {
      BackupOptions options = BackupOptions.DEFAULT.copies(copies).divide(pieces);
      if (ttl != null) {
        options = options.ttl(ttl);
      }
      if (replace) {
        options = options.replacing();
      }
      KeyPair pair = new KeyPair(KeySource.bytes(key), KeySource.bytes(backupKey));
      try (KeyBackups backups = cache.open(session)) {
        return answer(
            backups.backupAll(List.of(pair), options).getFirst(),
            key,
            backupKey,
            key + " is backed up at " + backupKey + where());
      }
    }

    private String where() {
      if (copies > 1) {
        return ": " + copies + " copies on as many primaries";
      }
      return pieces > 1 ? ": " + pieces + " pieces on as many primaries" : "";
    }

    @Override
    public String afterInterruption() {
      return "the backup may be there or not; 'key list' tells";
    }
  }

  /// `ringkeep key restore`.
  @Command(
      name = "restore",
      header = "Puts what is at a backup key back under a key.",
      description = {
        "",
        "All checksums are compared before anything is written. A copy takes the place of a backup key that"
            + " is gone, damaged or on a primary that is away."
      },
      footerHeading = "%nExample:%n",
      footer = "  ringkeep key restore cart:42:saved cart:42 --source redis://10.0.0.1:6379")
  static final class Restore implements Verb {
    @Parameters(index = "0", paramLabel = "BACKUP_KEY", description = "name of the backup")
    private String backupKey = "";

    @Parameters(index = "1", paramLabel = "KEY", description = "what it is restored to")
    private String key = "";

    @Mixin private KeySource cache = new KeySource();

    @Option(
        names = "--if-absent",
        description = "keep a key that is there, and exit 10 (default: replace it)")
    private boolean ifAbsent;

    @Option(
        names = "--ttl",
        paramLabel = "POLICY",
        description =
            "absolute: the key expires when it would have; persist: never; or a time from now, such as"
                + " 1h (default: absolute)")
    private String ttl = "absolute";

    @Override
    public Answer run(Session session) {
      RestoreOptions options = policy();
      if (ifAbsent) {
        options = options.ifAbsent();
      }
      KeyPair pair = new KeyPair(KeySource.bytes(key), KeySource.bytes(backupKey));
      try (KeyBackups backups = cache.open(session)) {
        return answer(
            backups.restoreAll(List.of(pair), options).getFirst(),
            key,
            backupKey,
            key + " is restored from " + backupKey);
      }
    }

    private RestoreOptions policy() {
      switch (ttl) {
        case "absolute" -> {
          return RestoreOptions.DEFAULT;
        }
        case "persist" -> {
          return RestoreOptions.DEFAULT.persist();
        }
        default -> {
          try {
            return RestoreOptions.DEFAULT.ttl(DurationText.parse(ttl));
          } catch (IllegalArgumentException e) {
            throw new InvalidRequest("no such policy: ttl=" + ttl, "absolute, persist or 1h");
          }
        }
      }
    }

    @Override
    public String afterInterruption() {
      return "the key may be restored or not; it is never half";
    }
  }
}
