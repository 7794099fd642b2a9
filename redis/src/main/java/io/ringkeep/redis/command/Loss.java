package io.ringkeep.redis.command;

/// What of a record a server cannot hold.
public enum Loss {
  /// The expiry of single hash fields: they stay for as long as the key does.
  FIELD_EXPIRY("the time to live of single hash fields"),
  /// How many entries were ever added, which is the highest deleted one, how many each group read.
  STREAM_COUNTERS("the stream's counters of added, deleted and read entries"),
  /// What idempotent producers sent already (Redis 8.6).
  STREAM_PRODUCERS("what the stream remembers of idempotent producers"),
  /// Pending entries that nobody owns (Redis 8.8): no command makes them.
  STREAM_UNOWNED("the pending entries of the stream's groups that consumers handed back"),
  /// An array, to a server before Redis 8.8.
  ARRAY("the key: an array, which Redis 8.8 and newer have"),
  /// A module's own value: only that module can write it.
  MODULE("the key: a module's own value"),
  /// A single string or element is longer than the server takes in one argument.
  TOO_LONG("the key: an element is longer than proto-max-bulk-len");

  private final String words;

  Loss(String words) {
    this.words = words;
  }

  /// True if the whole key is lost.
  public boolean wholeKey() {
    return this == ARRAY || this == MODULE || this == TOO_LONG;
  }

  /// What is lost, in words.
  public String words() {
    return words;
  }
}
