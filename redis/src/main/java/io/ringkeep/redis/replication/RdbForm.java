package io.ringkeep.redis.replication;

/// How the end of an RDB is told on a replication link.
public sealed interface RdbForm {
  /// Up to a mark: for an RDB whose length is not known beforehand.
  RdbForm EOF_MARK = new UpToMark();

  /// Of that many bytes.
  static RdbForm length(long bytes) {
    return new OfLength(bytes);
  }

  /// `$EOF:<40 characters>`, the RDB, and the same 40 characters. Every server since 2.8.18 takes
  /// it, and only in this form can one load straight from the link (`repl-diskless-load`).
  record UpToMark() implements RdbForm {}

  /// `$<length>` and the RDB.
  record OfLength(long bytes) implements RdbForm {}
}
