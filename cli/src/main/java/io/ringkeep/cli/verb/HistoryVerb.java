package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
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
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `ringkeep history`.
@Command(
    name = "history",
    header = "Shows all versions of a key over the snapshots of a cache.",
    description = {
      "",
      "When each was first and last seen, what it was, what it changed, and between which snapshots"
          + " the key was deleted. Reads a block or two of each snapshot."
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

  /// What `history` reports.
  record HistoryView(
      String key, int database, String cache, int snapshots, List<PeriodView> periods) {}

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
          version == null ? null : KeyWords.type(version.type().logicalType()),
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
  public Answer run(Session session) throws IOException {
    KeyName wanted = key.key(name);
    try (Repository repository = session.open()) {
      KeyHistory.Result history = KeyHistory.of(repository, cache.name(), wanted);
      HistoryView view =
          new HistoryView(
              wanted.text(),
              wanted.database(),
              cache.name(),
              history.snapshots(),
              history.periods().stream().map(PeriodView::of).toList());
      return Answer.of(history.whole(), view, text(history, session.clock().instant()));
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

  private static void version(Version version, Instant now, List<String> lines) {
    LogicalType type = version.type().logicalType();
    boolean sized = type == LogicalType.STRING || type == LogicalType.MODULE;
    lines.add(
        "  %s, %s%s, %s"
            .formatted(
                KeyWords.type(type),
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
