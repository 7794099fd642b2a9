package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.RdbVersion.Family;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The value types of an RDB file: the number before a key that says how its value is encoded.
///
/// Numbers 0–21 are common to both families. From 22 on the same number means another thing in
/// each, so a number is resolved together with the version that wrote it. A server loads every type
/// that its own RDB version knows, and all older ones.
///
/// Source: `rdb.h` of Redis 2.8–8.0 and of Valkey 7.2–9.1; for Redis 8.6 and later, `parserRaw.c`
/// of redis/librdb, and of arrays what [RdbFormat] names.
public enum RdbType {
  STRING(0, LogicalType.STRING, 1, "string"),
  LIST(1, LogicalType.LIST, 1, "list"),
  SET(2, LogicalType.SET, 1, "set"),
  ZSET(3, LogicalType.SORTED_SET, 1, "sorted set with scores in text"),
  HASH(4, LogicalType.HASH, 1, "hash"),
  ZSET_2(5, LogicalType.SORTED_SET, 8, "sorted set"),
  /// Written by release candidates of Redis 4.0 only; its length can be known to the module alone.
  MODULE_PRE_GA(6, LogicalType.MODULE, 8, "module value of Redis 4.0 release candidates"),
  MODULE_2(7, LogicalType.MODULE, 8, "module value"),
  HASH_ZIPMAP(9, LogicalType.HASH, 2, "hash as zipmap"),
  LIST_ZIPLIST(10, LogicalType.LIST, 2, "list as ziplist"),
  SET_INTSET(11, LogicalType.SET, 2, "set as intset"),
  ZSET_ZIPLIST(12, LogicalType.SORTED_SET, 2, "sorted set as ziplist"),
  HASH_ZIPLIST(13, LogicalType.HASH, 4, "hash as ziplist"),
  LIST_QUICKLIST(14, LogicalType.LIST, 7, "list of ziplists"),
  STREAM_LISTPACKS(15, LogicalType.STREAM, 9, "stream"),
  HASH_LISTPACK(16, LogicalType.HASH, 10, "hash as listpack"),
  ZSET_LISTPACK(17, LogicalType.SORTED_SET, 10, "sorted set as listpack"),
  LIST_QUICKLIST_2(18, LogicalType.LIST, 10, "list of listpacks"),
  STREAM_LISTPACKS_2(19, LogicalType.STREAM, 10, "stream, second form"),
  SET_LISTPACK(20, LogicalType.SET, 11, "set as listpack"),
  STREAM_LISTPACKS_3(21, LogicalType.STREAM, 11, "stream, third form"),
  /// Redis 7.4 release candidates: no minimum expiry in front.
  HASH_METADATA_PRE_GA(
      Family.REDIS, 22, LogicalType.HASH, 12, "hash with field expiry of Redis 7.4 candidates"),
  /// Redis 7.4 release candidates: no minimum expiry in front.
  HASH_LISTPACK_EX_PRE_GA(
      Family.REDIS, 23, LogicalType.HASH, 12, "hash listpack with field expiry of 7.4 candidates"),
  HASH_METADATA(Family.REDIS, 24, LogicalType.HASH, 12, "hash with field expiry"),
  HASH_LISTPACK_EX(Family.REDIS, 25, LogicalType.HASH, 12, "hash as listpack with field expiry"),
  /// Redis 8.6 writes every stream so: what its producers sent already stands behind the groups.
  STREAM_LISTPACKS_4(Family.REDIS, 26, LogicalType.STREAM, 13, "stream, fourth form"),
  /// Redis 8.8 writes every stream so: what consumers handed back stands behind each group.
  STREAM_LISTPACKS_5(Family.REDIS, 27, LogicalType.STREAM, 14, "stream, fifth form"),
  /// Redis 8.8: elements under indexes of 64 bits, with gaps.
  ARRAY(Family.REDIS, 28, LogicalType.ARRAY, 14, "array"),
  /// Valkey's own hash with field expiry: each field with its absolute expiry behind it.
  HASH_2(Family.VALKEY, 22, LogicalType.HASH, 80, "hash with field expiry");

  private static final @Nullable RdbType[] REDIS = byNumber(Family.REDIS);
  private static final @Nullable RdbType[] VALKEY = byNumber(Family.VALKEY);

  /// The newest version with a common meaning; Valkey loads no newer one of Redis.
  private static final int LAST_COMMON_VERSION = 11;

  private final Optional<Family> owner;
  private final int number;
  private final LogicalType logicalType;
  private final int since;
  private final String description;

  /// A type of both families; `since` counts in Redis's numbers.
  RdbType(int number, LogicalType logicalType, int since, String description) {
    this.owner = Optional.empty();
    this.number = number;
    this.logicalType = logicalType;
    this.since = since;
    this.description = description;
  }

  /// A type that one family alone knows; `since` counts in its numbers.
  RdbType(Family owner, int number, LogicalType logicalType, int since, String description) {
    this.owner = Optional.of(owner);
    this.number = number;
    this.logicalType = logicalType;
    this.since = since;
    this.description = description;
  }

  /// The type that `number` means in a file of `version`.
  ///
  /// Common types are accepted in a file older than they are: their numbers never meant anything
  /// else, servers load them so, and other programs have written them so. Empty if the version has
  /// no such type.
  public static Optional<RdbType> of(RdbVersion version, int number) {
    @Nullable RdbType[] types = version.family() == Family.REDIS ? REDIS : VALKEY;
    RdbType type = number >= 0 && number < types.length ? types[number] : null;
    return type != null && type.writtenBy(version) ? Optional.of(type) : Optional.empty();
  }

  /// All types of a version, by number.
  static @Nullable RdbType[] table(RdbVersion version) {
    @Nullable RdbType[] table = new RdbType[REDIS.length];
    for (int number = 0; number < table.length; number++) {
      table[number] = of(version, number).orElse(null);
    }
    return table;
  }

  private boolean writtenBy(RdbVersion version) {
    return owner.isEmpty() || knownTo(version);
  }

  /// The logical type that `number` means in a file of `version`.
  ///
  /// @throws UnsupportedFormat if that version has no such type
  public static LogicalType logicalType(RdbVersion version, int number) {
    return of(version, number).orElseThrow(() -> unknown(version, number)).logicalType();
  }

  /// Why a server of `target` cannot load a value of type `number` that a server of `written`
  /// wrote; empty if it can.
  public static Optional<String> obstacle(RdbVersion written, int number, RdbVersion target) {
    RdbType type = of(written, number).orElseThrow(() -> unknown(written, number));
    if (type == MODULE_PRE_GA) {
      return Optional.of(
          "%s (type %d) cannot be loaded by any release".formatted(type.description, number));
    }
    if (type.knownTo(target)) {
      return Optional.empty();
    }
    return Optional.of(
        "%s (type %d of %s) is not known to %s"
            .formatted(type.description, number, type.since().magic(), target.magic()));
  }

  /// True if a server whose RDB version is `version` can load values of this type.
  boolean knownTo(RdbVersion version) {
    if (owner.isPresent() && owner.get() != version.family()) {
      return false;
    }
    return version.family() == owner.orElse(Family.REDIS)
        ? version.number() >= since
        : since <= LAST_COMMON_VERSION;
  }

  /// The newest version whose types servers of both versions know.
  public static RdbVersion common(RdbVersion one, RdbVersion other) {
    RdbVersion older = one.number() <= other.number() ? one : other;
    return one.family() == other.family() || older.number() <= LAST_COMMON_VERSION
        ? older
        : RdbVersion.redis(LAST_COMMON_VERSION);
  }

  /// The oldest version that knows this type: what a payload may be stamped with so that the most
  /// servers take it.
  public RdbVersion since() {
    return new RdbVersion(owner.orElse(Family.REDIS), since);
  }

  /// The number in the file.
  public int number() {
    return number;
  }

  /// What it is to those who use it.
  public LogicalType logicalType() {
    return logicalType;
  }

  /// True for hashes whose fields may have an expiry of their own.
  public boolean hasFieldExpiry() {
    return logicalType == LogicalType.HASH && since > LAST_COMMON_VERSION;
  }

  /// True for streams that say what their idempotent producers sent.
  public boolean hasProducers() {
    return this == STREAM_LISTPACKS_4 || this == STREAM_LISTPACKS_5;
  }

  /// The type in words.
  public String description() {
    return description;
  }

  static UnsupportedFormat unknown(RdbVersion version, int number) {
    return new UnsupportedFormat(
        "unknown RDB value type: type=%d version=%s".formatted(number, version), null);
  }

  private static @Nullable RdbType[] byNumber(Family family) {
    @Nullable RdbType[] types = new RdbType[29];
    for (RdbType type : values()) {
      if (type.owner.isEmpty() || type.owner.get() == family) {
        types[type.number] = type;
      }
    }
    return types;
  }
}
