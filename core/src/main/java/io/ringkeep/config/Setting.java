package io.ringkeep.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a file of settings may say, beside the storage nodes of a repository.
///
/// Each stands in for one option of commands, and for a variable of the environment:
/// `RINGKEEP_MAX_AGE` for `--max-age`. An option wins over the variable, that over the file.
public enum Setting {
  /// Where a repository in a single place is.
  REPOSITORY("repository", "url", "repository", Kind.PLACE),
  /// Where its passphrase is.
  PASSPHRASE_FILE("repository", "passphrase-file", "passphrase-file", Kind.FILE),
  /// How fast pieces are moved from node to node.
  REBALANCE_LIMIT(
      "repository",
      "rebalance-limit",
      "limit",
      Kind.TEXT,
      "nodes rebalance",
      "nodes repair",
      "nodes scrub"),

  /// Name of the lineage of snapshots.
  CACHE("cache", "name", "cache", Kind.TEXT),
  /// The cache that is read.
  SOURCE("cache", "source", "source", Kind.TEXT, "backup", "check", "archive"),
  SOURCE_USER("cache", "source-user", "source-user", Kind.TEXT),
  SOURCE_PASSWORD_FILE("cache", "source-password-file", "source-password-file", Kind.FILE),
  SOURCE_SENTINEL_USER("cache", "source-sentinel-user", "source-sentinel-user", Kind.TEXT),
  SOURCE_SENTINEL_PASSWORD_FILE(
      "cache", "source-sentinel-password-file", "source-sentinel-password-file", Kind.FILE),
  SOURCE_CA("cache", "source-ca", "source-ca", Kind.FILE),
  SOURCE_CERT("cache", "source-cert", "source-cert", Kind.FILE),
  SOURCE_KEY("cache", "source-key", "source-key", Kind.FILE),
  SOURCE_TLS_VERIFY("cache", "source-tls-verify", "source-tls-verify", Kind.TEXT),
  /// Which server of a shard is read.
  FROM("cache", "from", "from", Kind.TEXT, "backup", "check", "archive"),
  MAX_LAG("cache", "max-lag", "max-lag", Kind.TEXT, "backup", "check", "archive"),
  FORKS_PER_HOST(
      "cache", "forks-per-host", "forks-per-host", Kind.TEXT, "backup", "check", "archive"),
  /// How fast a cache is read.
  LIMIT("cache", "limit", "limit", Kind.TEXT, "backup"),
  /// How old the newest snapshot may be.
  MAX_AGE("cache", "max-age", "max-age", Kind.TEXT, "status"),

  /// The cache that is written.
  TARGET("restore", "target", "target", Kind.TEXT, "restore"),
  TARGET_USER("restore", "target-user", "target-user", Kind.TEXT),
  TARGET_PASSWORD_FILE("restore", "target-password-file", "target-password-file", Kind.FILE),
  TARGET_SENTINEL_USER("restore", "target-sentinel-user", "target-sentinel-user", Kind.TEXT),
  TARGET_SENTINEL_PASSWORD_FILE(
      "restore", "target-sentinel-password-file", "target-sentinel-password-file", Kind.FILE),
  TARGET_CA("restore", "target-ca", "target-ca", Kind.FILE),
  TARGET_CERT("restore", "target-cert", "target-cert", Kind.FILE),
  TARGET_KEY("restore", "target-key", "target-key", Kind.FILE),
  TARGET_TLS_VERIFY("restore", "target-tls-verify", "target-tls-verify", Kind.TEXT),
  /// Where the target reaches this host.
  ADVERTISE("restore", "advertise", "advertise", Kind.TEXT, "restore", "check");

  /// What a value is.
  enum Kind {
    TEXT,
    /// A path; in the file it starts from the folder of the file.
    FILE,
    /// A URL, or a path as [#FILE].
    PLACE
  }

  private static final String FILE_SUFFIX = "-file";

  private final String section;
  private final String key;
  private final String option;
  private final Kind kind;
  // Commands that take it, with commas between; empty for all that have the option.
  private final String verbs;

  Setting(String section, String key, String option, Kind kind, String... verbs) {
    this.section = section;
    this.key = key;
    this.option = option;
    this.kind = kind;
    this.verbs = String.join(",", verbs);
  }

  private static final String EXPLAIN = "config explain";

  /// The setting behind an option of a command; `config explain` has the options of all.
  ///
  /// @param option with its dashes: `--max-age`
  /// @param verb words of the command: `nodes rebalance`; empty for the options of all commands
  public static Optional<Setting> of(String option, String verb) {
    return Arrays.stream(values())
        .filter(setting -> setting.option().equals(option))
        .filter(setting -> setting.verbs.isEmpty() || verb.equals(EXPLAIN) || setting.takenBy(verb))
        .findFirst();
  }

  private boolean takenBy(String verb) {
    return List.of(verbs.split(",", /* limit= */ -1)).contains(verb);
  }

  /// The part of the file it stands in.
  String section() {
    return section;
  }

  /// Its name there.
  public String key() {
    return key;
  }

  /// The option it stands in for: `--max-age`.
  public String option() {
    return "--" + option;
  }

  Kind kind() {
    return kind;
  }

  /// The variable that stands in for it: `RINGKEEP_MAX_AGE`.
  public String variable() {
    String name = this == REBALANCE_LIMIT ? key : option;
    return "RINGKEEP_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /// The variable that holds the secret itself, if this names a file with one:
  /// `RINGKEEP_PASSPHRASE` for `passphrase-file`.
  public Optional<String> secretVariable() {
    String variable = variable();
    return option.endsWith(FILE_SUFFIX)
        ? Optional.of(variable.substring(0, variable.length() - FILE_SUFFIX.length()))
        : Optional.empty();
  }

  /// Where it stands: `cache.max-age`.
  @Override
  public String toString() {
    return section + "." + key;
  }
}
