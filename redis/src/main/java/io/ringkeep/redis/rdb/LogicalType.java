package io.ringkeep.redis.rdb;

import java.util.Locale;

/// What a value is to those who use it, whichever of its encodings a server chose.
///
/// Source: the `OBJ_*` object types in `server.h`; several [RdbType]s stand for each.
public enum LogicalType {
  STRING,
  LIST,
  SET,
  SORTED_SET,
  HASH,
  STREAM,
  /// Elements under indexes, with gaps (Redis 8.8).
  ARRAY,
  /// A module's own type: its bytes mean something to that module alone.
  MODULE;

  /// As `TYPE` of a server says it; `module` for all modules.
  public String word() {
    return this == SORTED_SET ? "zset" : name().toLowerCase(Locale.ROOT);
  }
}
