package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.text.ByteRate;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.redis.EscapedText;
import io.ringkeep.redis.Glob;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.restore.Conflict;
import io.ringkeep.restore.Rename;
import io.ringkeep.restore.RestoreOptions;
import io.ringkeep.restore.Selection;
import io.ringkeep.restore.TtlPolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which part of a snapshot is restored, under which names, with which expiries, and how carefully.
final class SelectionOptions {
  private static final Map<String, LogicalType> TYPES =
      Map.of(
          "string", LogicalType.STRING,
          "list", LogicalType.LIST,
          "set", LogicalType.SET,
          "zset", LogicalType.SORTED_SET,
          "hash", LogicalType.HASH,
          "stream", LogicalType.STREAM,
          "array", LogicalType.ARRAY,
          "module", LogicalType.MODULE);

  @Option(
      names = "--match",
      paramLabel = "GLOB",
      description =
          "only keys whose name is matched, as SCAN MATCH does it, bytes as \\xNN; several: any of"
              + " them")
  private List<String> match = List.of();

  @Option(
      names = "--exclude",
      paramLabel = "GLOB",
      description = "no keys whose name is matched; several: none of them")
  private List<String> exclude = List.of();

  @Option(
      names = "--db",
      paramLabel = "N",
      split = ",",
      description = "only these databases, as the snapshot numbers them")
  private List<Integer> databases = List.of();

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      split = ",",
      description = "only string, list, set, zset, hash, stream, array, module")
  private List<String> types = List.of();

  @Option(
      names = "--larger",
      paramLabel = "SIZE",
      description = "only keys that take at least this much with their value, as stored: 10MiB")
  private @Nullable ByteSize larger;

  @Option(
      names = "--smaller",
      paramLabel = "SIZE",
      description = "only keys that take at most this much with their value, as stored")
  private @Nullable ByteSize smaller;

  @Option(
      names = "--keys-from",
      paramLabel = "FILE",
      description = "only the keys that the file names, one a line, as 'get' and 'keys' show them")
  private @Nullable Path keysFrom;

  @Option(
      names = "--rename",
      paramLabel = "FROM=>TO",
      description = "names that begin with FROM begin with TO instead; the first that fits counts")
  private List<String> renames = List.of();

  @Option(
      names = "--db-map",
      paramLabel = "N=M",
      split = ",",
      description = "records of database N go to database M: 3=0")
  private Map<Integer, Integer> databaseMap = Map.of();

  @Option(
      names = "--ttl",
      paramLabel = "POLICY",
      description = {
        "what becomes of expiries (default: absolute):",
        "absolute: they stay; what has expired does not come back",
        "shift: they move by the age of the snapshot",
        "floor:1h: none comes earlier than an hour from now",
        "persist: no key expires",
        "drop-expired: as absolute, and the target's keys of the same names stay"
      })
  private String ttl = "absolute";

  @Option(
      names = "--ttl-jitter",
      paramLabel = "PERCENT",
      description =
          "add up to so much of the time that is left, so that keys do not all go at once")
  private String jitter = "0%";

  @Option(
      names = "--on-conflict",
      paramLabel = "fail|skip|replace",
      completionCandidates = Choices.OfConflict.class,
      description =
          "with --existing merge, a key that is on the target already: restore nothing, leave it,"
              + " or replace it (default: replace)")
  private Conflict conflict = Conflict.REPLACE;

  @Option(
      names = "--drop-unsupported",
      description =
          "leave out what the target can't hold, such as a module's values; the plan lists it")
  private boolean dropUnsupported;

  @Option(
      names = "--limit",
      paramLabel = "RATE",
      description = "write no faster than this, all shards together: 20MiB/s (default: no limit)")
  private @Nullable ByteRate limit;

  @Option(
      names = "--hot-first",
      paramLabel = "PERCENT",
      description =
          "send so many of the keys first, those that were used most, and then the others: 10%%; the"
              + " source's maxmemory-policy has to be an LRU or LFU one, and a primary was backed up")
  private String hotFirst = "0%";

  @Option(
      names = "--delta",
      description =
          "with --existing merge, read the keys from the target first and send only those that"
              + " differ; so a restore that was interrupted goes on")
  private boolean delta;

  @Option(
      names = "--delete-others",
      description =
          "with --delta, delete keys on the target that are selected and that the snapshot does"
              + " not have; the plan says how many")
  private boolean deleteOthers;

  @Option(
      names = "--no-undo",
      description =
          "do not back the target up before data on it is changed (without this, --undo puts it"
              + " back)")
  private boolean noUndo;

  @Option(
      names = "--partial",
      description =
          "restore what is left of a snapshot that lost a part with a storage node; the plan and the"
              + " result name the slots and count the keys that are missing")
  private boolean partial;

  RestoreOptions options() {
    return RestoreOptions.PLAIN.with(to ->
        to.selection(selection())
            .renames(renames.stream().map(SelectionOptions::rename).toList())
            .databaseMap(databaseMap())
            .ttl(policy())
            .jitterPercent(percent("ttl-jitter", jitter))
            .conflict(conflict)
            .dropUnsupported(dropUnsupported)
            .limit(limit == null ? OptionalLong.empty() : OptionalLong.of(limit.bytesPerSecond()))
            .delta(delta)
            .surplus(deleteOthers)
            .undo(!noUndo)
            .hotPercent(percent("hot-first", hotFirst))
            .partial(partial));
  }

  private Selection selection() {
    if (larger != null && smaller != null && larger.bytes() > smaller.bytes()) {
      throw new InvalidRequest(
          "no size is both: larger=%s smaller=%s".formatted(larger, smaller),
          "exchange --larger and --smaller");
    }
    Set<LogicalType> wanted = new HashSet<>();
    for (String type : types) {
      LogicalType known = TYPES.get(type.toLowerCase(Locale.ROOT));
      if (known == null) {
        throw new InvalidRequest(
            "no such type: type=" + type,
            "use string, list, set, zset, hash, stream, array or module");
      }
      wanted.add(known);
    }
    databases.stream()
        .filter(number -> number < 0)
        .findFirst()
        .ifPresent(number -> {
          throw new InvalidRequest("no such database: db=" + number, "count from 0");
        });
    return new Selection(
        match.stream().map(Glob::ofShown).toList(),
        exclude.stream().map(Glob::ofShown).toList(),
        Set.copyOf(databases),
        wanted,
        larger == null ? OptionalLong.empty() : OptionalLong.of(larger.bytes()),
        smaller == null ? OptionalLong.empty() : OptionalLong.of(smaller.bytes()),
        keys());
  }

  private Set<ByteBuffer> keys() {
    if (keysFrom == null) {
      return Set.of();
    }
    Set<ByteBuffer> keys = new HashSet<>();
    try {
      for (String line : Files.readAllLines(keysFrom)) {
        if (!line.isEmpty()) {
          keys.add(EscapedText.parse(line));
        }
      }
    } catch (IOException e) {
      throw new InvalidRequest(
          "the file of keys can't be read: file=" + keysFrom,
          "give a file of UTF-8 text with one key a line, other bytes as \\xNN");
    }
    if (keys.isEmpty()) {
      throw new InvalidRequest("the file names no key: file=" + keysFrom, "put one key on a line");
    }
    return keys;
  }

  private static Rename rename(String text) {
    int arrow = text.indexOf("=>");
    if (arrow < 0) {
      throw new InvalidRequest(
          "no renaming: rename=" + text, "write the old beginning, =>, and the new one: 'a:=>b:'");
    }
    return new Rename(
        EscapedText.parse(text.substring(0, arrow)), EscapedText.parse(text.substring(arrow + 2)));
  }

  private Map<Integer, Integer> databaseMap() {
    Map<Integer, Integer> map = new HashMap<>(databaseMap);
    map.forEach((from, to) -> {
      if (from < 0 || to < 0) {
        throw new InvalidRequest("no such database: db-map=%d=%d".formatted(from, to), null);
      }
    });
    return map;
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
      case "drop-expired" -> new TtlPolicy.DropExpired();
      default ->
          throw new InvalidRequest(
              "no such policy: ttl=" + ttl, "absolute, shift, floor:1h, persist or drop-expired");
    };
  }

  private static int percent(String option, String text) {
    String digits = text.endsWith("%") ? text.substring(0, text.length() - 1) : text;
    if (!digits.matches("[0-9]{1,3}") || Integer.parseInt(digits) > 100) {
      throw new InvalidRequest("no share: %s=%s".formatted(option, text), "write 0% to 100%");
    }
    return Integer.parseInt(digits);
  }
}
