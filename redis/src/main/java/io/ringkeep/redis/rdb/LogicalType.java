package io.ringkeep.redis.rdb;

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
  /// A module's own type: its bytes mean something to that module alone.
  MODULE
}
