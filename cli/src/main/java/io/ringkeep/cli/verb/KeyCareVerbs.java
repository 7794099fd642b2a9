package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Table;
import io.ringkeep.cli.text.Text;
import io.ringkeep.client.BackupHealth;
import io.ringkeep.client.KeyBackup;
import io.ringkeep.client.KeyBackups;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.redis.EscapedText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// The commands of `ringkeep key` that look after backups of keys.
final class KeyCareVerbs {
  private KeyCareVerbs() {}

  /// A backup of a key.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record BackupView(
      String key,
      String backupKey,
      Instant created,
      @Nullable Instant expires,
      int copies,
      int pieces,
      long valueBytes,
      @Nullable String fault) {
    static BackupView of(KeyBackup backup) {
      return new BackupView(
          EscapedText.of(backup.key()),
          EscapedText.of(backup.backupKey()),
          backup.created(),
          backup.expiry().orElse(null),
          backup.copies(),
          backup.pieces(),
          backup.valueBytes(),
          backup.fault().orElse(null));
    }

    private List<String> row() {
      String made = Text.time(created);
      return fault != null
          ? List.of(backupKey, made, "-", "-", "-", fault)
          : List.of(
              backupKey,
              made,
              ByteSize.format(valueBytes),
              Integer.toString(copies),
              Integer.toString(pieces),
              "readable");
    }
  }

  /// A part of a backup.
  record PartView(String name, String server, boolean whole, String fault) {}

  /// A backup and its parts.
  record HealthView(BackupView backup, boolean healthy, List<PartView> parts) {}

  static Answer health(BackupHealth health) {
    HealthView view =
        new HealthView(
            BackupView.of(health.backup()),
            health.healthy(),
            health.parts().stream()
                .map(part -> new PartView(part.name(), part.server(), part.whole(), part.fault()))
                .toList());
    Table table = new Table("PART", "SERVER", "STATE");
    for (PartView part : view.parts()) {
      table.row(
          part.name(),
          part.server().isEmpty() ? "none" : part.server(),
          part.whole() ? "whole" : part.fault());
    }
    List<String> lines = new ArrayList<>(table.lines());
    boolean whole = view.parts().stream().allMatch(PartView::whole);
    if (whole && !health.healthy()) {
      String next =
          health.backup().pieces() > 1
              ? "back the key up again to spread its pieces"
              : "'key repair' spreads copies again";
      lines.add("the parts lie on %d primaries: %s".formatted(health.distinctServers(), next));
    }
    return Answer.of(health.healthy(), view, lines);
  }

  /// `ringkeep key list`.
  @Command(
      name = "list",
      header = "Lists the backups of a key that are still there.",
      description = {
        "",
        "Reads the key's own list of backups; nothing is scanned. Exits 1 if one is damaged or away;"
            + " 'key delete' deletes damaged ones."
      },
      footerHeading = "%nExample:%n",
      footer = "  ringkeep key list cart:42 --source redis://10.0.0.1:6379")
  static final class Listing implements Verb {
    @Parameters(paramLabel = "KEY", description = "the key")
    private String key = "";

    @Mixin private KeySource cache = new KeySource();

    @Override
    public Answer run(Session session) {
      try (KeyBackups backups = cache.open(session)) {
        List<BackupView> views =
            backups.list(KeySource.bytes(key)).stream().map(BackupView::of).toList();
        Table table = new Table("BACKUP_KEY", "CREATED", "VALUE", "COPIES", "PIECES", "STATE");
        views.forEach(view -> table.row(view.row().toArray(String[]::new)));
        return Answer.of(
            views.stream().allMatch(view -> view.fault() == null),
            views,
            views.isEmpty() ? List.of("no backups of " + key) : table.lines());
      }
    }
  }

  /// `ringkeep key check`.
  @Command(
      name = "check",
      header = "Reads all parts of a backup and says where they lie.",
      description = {"", "Exits 1 if one is missing or damaged, or if two share a primary."},
      footerHeading = "%nExample:%n",
      footer = "  ringkeep key check cart:42:saved --source redis://10.0.0.1:6379")
  static final class Check implements Verb {
    @Mixin private NamedBackup backup = new NamedBackup();

    @Override
    public Answer run(Session session) {
      try (KeyBackups backups = backup.open(session)) {
        return health(backups.check(backup.bytes()));
      }
    }
  }

  /// `ringkeep key repair`.
  @Command(
      name = "repair",
      header = "Writes copies again that are missing, damaged or on one primary with another.",
      description = {"", "After a reshard, or when a primary was lost."},
      footerHeading = "%nExample:%n",
      footer = "  ringkeep key repair cart:42:saved --source redis://10.0.0.1:6379")
  static final class Repair implements Verb {
    @Mixin private NamedBackup backup = new NamedBackup();

    @Override
    public Answer run(Session session) {
      try (KeyBackups backups = backup.open(session)) {
        return health(backups.repair(backup.bytes()));
      }
    }
  }

  /// `ringkeep key delete`.
  @Command(
      name = "delete",
      header = "Deletes a backup with all its parts.",
      footerHeading = "%nExample:%n",
      footer = "  ringkeep key delete cart:42:saved --source redis://10.0.0.1:6379")
  static final class Delete implements Verb {
    @Mixin private NamedBackup backup = new NamedBackup();

    @Override
    public Answer run(Session session) {
      try (KeyBackups backups = backup.open(session)) {
        if (!backups.delete(backup.bytes())) {
          throw new NotFound(
              "no such backup: backup_key=" + backup.text(), "'key list KEY' shows them");
        }
        return Answer.done(List.of(backup.text()), List.of(backup.text() + " is deleted"));
      }
    }
  }
}
