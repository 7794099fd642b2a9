package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.lookup.KeyFilter;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.redis.rdb.LogicalType;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which keys of a snapshot a command speaks of.
final class FilterOptions {
  @Option(names = "--db", paramLabel = "N", description = "only this database (default: all)")
  private @Nullable Integer database;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      split = ",",
      description = "only string, list, set, zset, hash, stream, array, module")
  private List<String> types = List.of();

  @Option(
      names = "--larger",
      paramLabel = "SIZE",
      description = "only values that take at least this much, as stored: 1MiB")
  private @Nullable ByteSize larger;

  @Option(
      names = "--expires-within",
      paramLabel = "TIME",
      description = "only keys that expire within this time from now, or have: 1h")
  private @Nullable Duration expiresWithin;

  @Option(names = "--no-ttl", description = "only keys that never expire")
  private boolean persistent;

  /// The keys that `pattern` matches and these let pass.
  ///
  /// @throws InvalidRequest if no key can pass
  KeyFilter filter(@Nullable String pattern, Session session) {
    if (persistent && expiresWithin != null) {
      throw new InvalidRequest(
          "no key does both: --no-ttl and --expires-within", "leave one of them out");
    }
    Set<LogicalType> wanted = new HashSet<>();
    for (String type : types) {
      wanted.add(
          Arrays.stream(LogicalType.values())
              .filter(known -> known.word().equals(type))
              .findFirst()
              .orElseThrow(() ->
                  new InvalidRequest(
                      "no such type: type=" + type,
                      "use string, list, set, zset, hash, stream, array or module")));
    }
    return new KeyFilter(
        Optional.ofNullable(pattern),
        database == null ? OptionalInt.empty() : OptionalInt.of(database),
        wanted,
        larger == null ? 0 : larger.bytes(),
        Optional.ofNullable(expiresWithin).map(session.clock().instant()::plus),
        persistent);
  }
}
