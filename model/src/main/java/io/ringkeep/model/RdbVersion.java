package io.ringkeep.model;

import java.util.regex.Pattern;

/// The format version that an RDB file's magic announces, such as `REDIS0011` or `VALKEY080`.
///
/// Redis and Valkey share the numbers up to 11 and have split since: the same type or opcode number
/// means different things in Redis 12 and Valkey 80, so a number alone decides nothing. Source:
/// `rdb.c` of Redis 7.4 and of Valkey 9.0.
///
/// @param family whose numbers these are
/// @param number the version number in the magic
public record RdbVersion(Family family, int number) {
  private static final Pattern REDIS_MAGIC = Pattern.compile("REDIS[0-9]{4}");
  private static final Pattern VALKEY_MAGIC = Pattern.compile("VALKEY[0-9]{3}");

  /// The project whose `rdb.h` defines the numbers.
  public enum Family {
    /// Magic `REDIS` and four digits: every Redis, and Valkey up to 8.
    REDIS,
    /// Magic `VALKEY` and three digits: Valkey 9 and later.
    VALKEY
  }

  public RdbVersion {
    if (number < 1 || number > (family == Family.REDIS ? 9999 : 999)) {
      throw new IllegalArgumentException(
          "no such RDB version: family=" + family + " number=" + number);
    }
  }

  /// `REDIS` with this number.
  public static RdbVersion redis(int number) {
    return new RdbVersion(Family.REDIS, number);
  }

  /// `VALKEY` with this number.
  public static RdbVersion valkey(int number) {
    return new RdbVersion(Family.VALKEY, number);
  }

  /// The version that a nine-character magic announces.
  ///
  /// @throws IllegalArgumentException if it is no RDB magic
  public static RdbVersion parse(String magic) {
    if (REDIS_MAGIC.matcher(magic).matches()) {
      return redis(Integer.parseInt(magic.substring(5)));
    }
    if (VALKEY_MAGIC.matcher(magic).matches()) {
      return valkey(Integer.parseInt(magic.substring(6)));
    }
    throw new IllegalArgumentException("not an RDB magic: " + magic);
  }

  /// The nine characters an RDB file of this version starts with.
  public String magic() {
    // Asked for once a block: a formatter takes longer than all else there.
    String digits = Integer.toString(number);
    return switch (family) {
      case REDIS -> "REDIS" + "0".repeat(4 - digits.length()) + digits;
      case VALKEY -> "VALKEY" + "0".repeat(3 - digits.length()) + digits;
    };
  }

  @Override
  public String toString() {
    return magic();
  }
}
