package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.ServerLogin;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.Undelete;
import io.ringkeep.lookup.Undelete.Present;
import io.ringkeep.lookup.Undelete.Restored;
import io.ringkeep.lookup.Which;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.Record;
import io.ringkeep.repository.Repository;
import io.ringkeep.restore.TtlPolicy;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringkeep undelete`.
@Command(
    name = "undelete",
    header = "Brings single keys back into a live cache.",
    description = {
      "",
      "Takes each key from the newest snapshot that has it, writes it to the server that owns it,"
          + " reads it back and compares. No other key is touched. If one of the keys is there"
          + " already, or has expired, nothing is written unless you say what is to happen."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep undelete -r /srv/backup --target redis://10.0.0.2:6379 cart:17",
      "  ringkeep undelete -r /srv/backup --target redis://10.0.0.2:6379 --snapshot 3f9a \\",
      "    --existing replace --ttl persist cart:17 cart:18"
    })
final class UndeleteVerb implements Verb {
  @Parameters(arity = "1..*", paramLabel = "KEY", description = "names of the keys")
  private List<String> names = List.of();

  @Mixin private TargetUrl target = new TargetUrl();
  @Mixin private KeyOption key = new KeyOption();
  @Mixin private CacheOption cache = new CacheOption();

  @Option(
      names = "--snapshot",
      paramLabel = "ID",
      description = "take them from this one (default: for each the newest that has it)")
  private @Nullable String snapshot;

  @Option(
      names = "--existing",
      paramLabel = "refuse|replace",
      completionCandidates = Choices.OfPresent.class,
      description = "what happens if a key is there (default: refuse)")
  private Present existing = Present.REFUSE;

  @Option(
      names = "--ttl",
      paramLabel = "POLICY",
      description = {
        "what becomes of expiries (default: absolute):",
        "absolute: they stay; a key that has expired is refused",
        "shift: they move by the age of the snapshot",
        "floor:1h: none comes earlier than an hour from now",
        "persist: the keys do not expire"
      })
  private String ttl = "absolute";

  @Option(
      names = "--drop-unsupported",
      description = "leave out what the target can't hold of a key, such as fields' own expiries")
  private boolean dropUnsupported;

  @Mixin private TargetOptions login = new TargetOptions();

  /// A key that is back.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RestoredView(
      String key,
      int database,
      String snapshot,
      Instant time,
      String type,
      long bytes,
      @Nullable Instant expires,
      String server,
      boolean proven) {
    static RestoredView of(Restored restored) {
      return new RestoredView(
          restored.key().text(),
          restored.key().database(),
          restored.snapshot().id(),
          restored.snapshot().time(),
          restored.type().word(),
          restored.bytes(),
          restored.expiryMillis() == Record.NO_EXPIRY
              ? null
              : Instant.ofEpochMilli(restored.expiryMillis()),
          restored.server().toString(),
          restored.proven());
    }
  }

  @Override
  public Answer run(Session session) throws IOException {
    ServerLogin server = login.login(target.url());
    Undelete.Request request =
        new Undelete.Request(
            cache.name(),
            Optional.ofNullable(snapshot).map(Which.Named::new),
            names.stream().map(key::key).toList(),
            server.uri(),
            server.connection(session.secrets()),
            existing,
            policy(),
            dropUnsupported);
    try (Repository repository = session.open()) {
      List<Restored> restored = Undelete.run(request, repository, session.clock());
      List<String> lines = new ArrayList<>();
      for (Restored one : restored) {
        lines.add(
            "%s is back on %s: %s, %s, %s, from snapshot %s of %s, %s"
                .formatted(
                    one.key().text(),
                    one.server(),
                    one.type().word(),
                    ByteSize.format(one.bytes()),
                    KeyWords.expiry(one.expiryMillis(), session.clock().instant()),
                    one.snapshot().id(),
                    Text.time(one.snapshot().time()),
                    one.proven()
                        ? "read back and equal"
                        : "not read back: values above 64 MiB are not"));
      }
      return Answer.done(restored.stream().map(RestoredView::of).toList(), lines);
    }
  }

  private TtlPolicy policy() {
    if (ttl.startsWith("floor:")) {
      try {
        return new TtlPolicy.Floor(DurationText.parse(ttl.substring("floor:".length())));
      } catch (IllegalArgumentException e) {
        throw new InvalidRequest("no such policy: ttl=" + ttl, "write floor:1h");
      }
    }
    return switch (ttl) {
      case "absolute" -> new TtlPolicy.Absolute();
      case "shift" -> new TtlPolicy.Shift();
      case "persist" -> new TtlPolicy.Persist();
      default ->
          throw new InvalidRequest(
              "no such policy: ttl=" + ttl, "absolute, shift, floor:1h or persist");
    };
  }

  @Override
  public String afterInterruption() {
    return "some of the keys may be back; 'history' and the cache tell";
  }
}
