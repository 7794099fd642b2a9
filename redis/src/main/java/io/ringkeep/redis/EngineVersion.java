package io.ringkeep.redis;

import io.ringkeep.model.RdbVersion;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which engine a server runs, and its version.
///
/// @param product whose server it is
public record EngineVersion(Product product, int major, int minor, int patch) {
  private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)(?:\\.(\\d+))?.*");
  private static final Comparator<EngineVersion> BY_NUMBER =
      Comparator.comparingInt(EngineVersion::major).thenComparingInt(EngineVersion::minor);

  /// Whose server it is.
  public enum Product {
    /// Redis, and forks that call themselves so.
    REDIS,
    /// Valkey.
    VALKEY
  }

  /// From the fields of `INFO server`.
  ///
  /// Valkey reports `redis_version` 7.2.4 for old clients; its own is `valkey_version`. Source:
  /// `genValkeyInfoString` in Valkey's `server.c`.
  ///
  /// @throws IllegalArgumentException if no field tells the version
  public static EngineVersion parse(Map<String, String> info) {
    String valkey = info.get("valkey_version");
    return valkey != null
        ? parse(Product.VALKEY, valkey)
        : parse(Product.REDIS, info.getOrDefault("redis_version", ""));
  }

  /// From a dotted version such as `7.0.15` or `9.1.0-rc1`.
  ///
  /// @throws IllegalArgumentException if it is none
  public static EngineVersion parse(Product product, String text) {
    Matcher numbers = NUMBERS.matcher(text);
    if (!numbers.matches()) {
      throw new IllegalArgumentException("not an engine version: " + text);
    }
    String patch = numbers.group(3);
    return new EngineVersion(
        product,
        Integer.parseInt(numbers.group(1)),
        Integer.parseInt(numbers.group(2)),
        patch == null ? 0 : Integer.parseInt(patch));
  }

  /// From what [#toString] says.
  ///
  /// @throws IllegalArgumentException if it says no such thing
  public static EngineVersion named(String text) {
    String[] words = text.split(" ", 2);
    if (words.length < 2) {
      throw new IllegalArgumentException("not an engine: " + text);
    }
    return parse(Product.valueOf(words[0].toUpperCase(Locale.ROOT)), words[1]);
  }

  /// True from `major.minor` of the product's own count on.
  public boolean isAtLeast(int otherMajor, int otherMinor) {
    return BY_NUMBER.compare(this, new EngineVersion(product, otherMajor, otherMinor, 0)) >= 0;
  }

  /// True if it knows functions (`FUNCTION`), which came with Redis 7.0.
  public boolean hasFunctions() {
    return isAtLeast(7, 0);
  }

  /// True if fields of a hash can have an expiry of their own.
  public boolean hasFieldExpiry() {
    return product == Product.VALKEY ? isAtLeast(9, 0) : isAtLeast(7, 4);
  }

  /// True if it has `XGROUP CREATECONSUMER` and `XTRIM MINID`.
  public boolean hasConsumerCommand() {
    return product == Product.VALKEY || isAtLeast(6, 2);
  }

  /// True if its command stream says how long keys live instead of until when, as before Redis 7.0.
  public boolean tellsTimesToLive() {
    return product == Product.REDIS && !isAtLeast(7, 0);
  }

  /// True if it moves slots as a whole and tells by `CLUSTER GETSLOTMIGRATIONS`.
  public boolean hasAtomicSlotMigration() {
    return product == Product.VALKEY && isAtLeast(9, 0);
  }

  /// The RDB version this engine writes to a file. Source: `RDB_VERSION` in each release's `rdb.h`.
  public RdbVersion newestRdb() {
    return switch (product) {
      case REDIS -> RdbVersion.redis(redisRdb());
      case VALKEY -> isAtLeast(9, 0) ? RdbVersion.valkey(valkeyRdb()) : RdbVersion.redis(11);
    };
  }

  private int valkeyRdb() {
    return isAtLeast(9, 2) ? 81 : 80;
  }

  private int redisRdb() {
    if (isAtLeast(8, 10)) {
      return 15;
    }
    if (isAtLeast(8, 8)) {
      return 14;
    }
    if (isAtLeast(8, 6)) {
      return 13;
    }
    if (isAtLeast(7, 4)) {
      return 12;
    }
    if (isAtLeast(7, 2)) {
      return 11;
    }
    if (isAtLeast(7, 0)) {
      return 10;
    }
    if (isAtLeast(5, 0)) {
      return 9;
    }
    if (isAtLeast(4, 0)) {
      return 8;
    }
    return isAtLeast(3, 2) ? 7 : 6;
  }

  /// True if this engine loads an RDB of that version (its types and opcodes permitting).
  ///
  /// Valkey 9 loads Redis's up to 11, Redis loads none of Valkey's own. Source:
  /// `rdbIsVersionAccepted` in Valkey 9.1's `rdb.c`; tried with each engine.
  public boolean accepts(RdbVersion version) {
    return switch (version.family()) {
      case REDIS -> version.number() <= (product == Product.VALKEY ? 11 : newestRdb().number());
      case VALKEY ->
          newestRdb().family() == RdbVersion.Family.VALKEY
              && version.number() <= newestRdb().number();
    };
  }

  /// True if a replica of this engine can load what a primary of `primary` sends for a full sync,
  /// as far as that depends on the versions alone.
  ///
  /// Redis and Valkey up to 9.0 send their newest format to everyone. Valkey 9.1 sends that of
  /// Redis 7.2 to a replica that does not say it is as new, and nothing if its data does not fit
  /// into that. Source: Valkey's pull request 2735; tried with 8.1 under 9.1.
  public boolean canSyncFrom(EngineVersion primary) {
    boolean writesOlder = primary.product == Product.VALKEY && primary.isAtLeast(9, 1);
    return accepts(primary.newestRdb()) || (writesOlder && accepts(RdbVersion.redis(11)));
  }

  @Override
  public String toString() {
    return switch (product) {
          case REDIS -> "Redis ";
          case VALKEY -> "Valkey ";
        }
        + major
        + "."
        + minor
        + "."
        + patch;
  }
}
