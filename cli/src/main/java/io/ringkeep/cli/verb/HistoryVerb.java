package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.KeyHistory;
import io.ringkeep.lookup.KeyHistory.Absent;
import io.ringkeep.lookup.KeyHistory.Change;
import io.ringkeep.lookup.KeyHistory.Period;
import io.ringkeep.lookup.KeyHistory.Unreadable;
import io.ringkeep.lookup.KeyHistory.Version;
import io.ringkeep.lookup.KeyName;
import io.ringkeep.lookup.LogHistory;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringkeep history`.
@Command(
    name = "history",
    header = "Shows all versions of a key over the snapshots of a cache, and in its log.",
    description = {
      "",
      "When each was first and last seen, what it was, what it changed, and between which snapshots"
          + " the key was deleted. Reads a block or two of each snapshot.",
      "What 'archive' has recorded is looked through for the key's name, and the commands that have it"
          + " are replayed in a server of our own on this host, in its memory: so each version between"
          + " backups is shown with its time and offset. --no-log leaves that out."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep history -r /srv/backup user:1000",
      "  ringkeep history -r /srv/backup --cache orders --db 3 --output json cart:17"
    })
final class HistoryVerb implements Verb {
  @Parameters(arity = "1", paramLabel = "KEY", description = "the key's name")
  private String name = "";

  @Mixin private KeyOption key = new KeyOption();
  @Mixin private CacheOption cache = new CacheOption();

  @Option(names = "--no-log", description = "look into snapshots alone")
  private boolean noLog;

  @Option(
      names = "--changes",
      paramLabel = "N",
      description =
          "how many commands of each stretch of the log are replayed one by one, the newest"
              + " (default: 100)")
  private int changes = 100;

  @Option(
      names = "--engine",
      paramLabel = "PATH",
      description =
          "redis-server or valkey-server that replays them (default: from PATH; without one,"
              + " commands are shown and not what they made)")
  private @Nullable Path engine;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "give up after this long (default: 6h)")
  private Duration timeout = Duration.ofHours(6);

  /// What `history` reports.
  ///
  /// @param log what the log has between snapshots; absent if it was not looked into
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record HistoryView(
      String key,
      int database,
      String cache,
      int snapshots,
      List<PeriodView> periods,
      @Nullable KeyLogView log) {}

  /// Some snapshots in which the same was true.
  ///
  /// @param state `present`, `absent` or `unreadable`
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PeriodView(
      String state,
      String firstSnapshot,
      Instant firstTime,
      String lastSnapshot,
      Instant lastTime,
      int snapshots,
      @Nullable String type,
      @Nullable Long bytes,
      @Nullable Long elements,
      @Nullable Instant expires,
      @Nullable String fingerprint,
      @Nullable ChangeView change,
      @Nullable Boolean expired,
      @Nullable String reason) {

    static PeriodView of(Period period) {
      return switch (period.state()) {
        case Version version ->
            of(
                period,
                "present",
                version,
                version.change().map(ChangeView::of).orElse(null),
                null,
                null);
        case Absent(boolean expired) -> of(period, "absent", null, null, expired, null);
        case Unreadable(String reason, _) -> of(period, "unreadable", null, null, null, reason);
      };
    }

    private static PeriodView of(
        Period period,
        String state,
        @Nullable Version version,
        @Nullable ChangeView change,
        @Nullable Boolean expired,
        @Nullable String reason) {
      return new PeriodView(
          state,
          period.first().id(),
          period.first().time(),
          period.last().id(),
          period.last().time(),
          period.snapshots(),
          version == null ? null : version.type().logicalType().word(),
          version == null ? null : version.bytes(),
          version == null ? null : version.elements(),
          version == null || version.expiryMillis() == Record.NO_EXPIRY
              ? null
              : Instant.ofEpochMilli(version.expiryMillis()),
          version == null ? null : version.fingerprint().toString(),
          change,
          expired,
          reason);
    }
  }

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    KeyName wanted = key.key(name);
    if (changes < 1) {
      throw new InvalidRequest("--changes is at least 1: changes=" + changes, "or use --no-log");
    }
    Instant now = session.clock().instant();
    try (Repository repository = session.open()) {
      LogHistory.Result log = noLog ? LogHistory.Result.NONE : log(session, repository, wanted);
      KeyHistory.Result history =
          KeyHistory.of(repository, cache.name(), wanted, /* required= */ log.steps().isEmpty());
      HistoryView view =
          new HistoryView(
              wanted.text(),
              wanted.database(),
              cache.name(),
              history.snapshots(),
              history.periods().stream().map(PeriodView::of).toList(),
              log.equals(LogHistory.Result.NONE) ? null : KeyLogView.of(log));
      List<String> lines = text(history, now);
      lines.addAll(KeyLogView.text(log, now));
      return Answer.of(history.whole() && log.whole(), view, lines);
    }
  }

  private LogHistory.Result log(Session session, Repository repository, KeyName wanted)
      throws IOException, InterruptedException {
    try (ProgressDisplay progress = session.progress()) {
      return LogHistory.of(
          repository,
          cache.name(),
          wanted,
          changes,
          Optional.ofNullable(engine),
          timeout,
          session.clock(),
          progress);
    }
  }

  private List<String> text(KeyHistory.Result history, Instant now) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s in database %d: %s of %s"
            .formatted(
                history.key().text(),
                history.key().database(),
                Text.count(history.snapshots(), "snapshot"),
                cache.name()));
    for (Period period : history.periods()) {
      lines.add("");
      lines.add(
          period.snapshots() == 1
              ? "%s  %s".formatted(Text.time(period.first().time()), period.first().id())
              : "%s  %s to %s  %s, %s"
                  .formatted(
                      Text.time(period.first().time()),
                      period.first().id(),
                      Text.time(period.last().time()),
                      period.last().id(),
                      Text.count(period.snapshots(), "snapshot")));
      switch (period.state()) {
        case Version version -> version(version, now, lines);
        case Absent(boolean expired) ->
            lines.add(expired ? "  gone: it had expired" : "  gone: deleted before this snapshot");
        case Unreadable(String reason, String hint) -> {
          lines.add("  cannot be read: " + reason);
          lines.add("  hint: " + hint);
        }
      }
    }
    return lines;
  }

  static void version(Version version, Instant now, List<String> lines) {
    LogicalType type = version.type().logicalType();
    boolean sized = type == LogicalType.STRING || type == LogicalType.MODULE;
    lines.add(
        "  %s, %s%s, %s"
            .formatted(
                type.word(),
                KeyWords.size(type, version.elements()),
                sized ? "" : ", " + ByteSize.format(version.bytes()),
                KeyWords.expiry(version.expiryMillis(), now)));
    if (version.change().isPresent()) {
      Change change = version.change().get();
      ChangeView.text(change.value()).forEach(line -> lines.add("    " + line));
      if (change.expiryMillisBefore() != version.expiryMillis()) {
        lines.add("    was: " + KeyWords.expiry(change.expiryMillisBefore(), now));
      }
    }
  }
}
