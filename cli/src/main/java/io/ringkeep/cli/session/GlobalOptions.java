package io.ringkeep.cli.session;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// Options that every command has, and that may stand before it too.
public final class GlobalOptions {
  /// Environment variable that stands in for `-r`.
  public static final String REPOSITORY_VARIABLE = "RINGKEEP_REPOSITORY";

  /// Environment variable that stands in for `-c`.
  public static final String CONFIG_VARIABLE = "RINGKEEP_CONFIG";

  @Option(
      names = {"-c", "--config"},
      scope = ScopeType.INHERIT,
      paramLabel = "FILE",
      description = "file of settings, ringkeep.yaml; else $" + CONFIG_VARIABLE + ", else none")
  @Nullable Path config;

  @Option(
      names = {"-r", "--repository"},
      scope = ScopeType.INHERIT,
      paramLabel = "PLACE",
      description =
          "the repository: a folder, s3://BUCKET/PREFIX or sftp://USER@HOST/FOLDER; else $"
              + REPOSITORY_VARIABLE)
  @Nullable String repository;

  @Option(
      names = "--passphrase-file",
      scope = ScopeType.INHERIT,
      paramLabel = "FILE",
      description =
          "file whose first line is the passphrase; else $"
              + Secrets.PASSPHRASE_VARIABLE
              + ", else it is asked for")
  @Nullable Path passphraseFile;

  @Option(
      names = "--output",
      scope = ScopeType.INHERIT,
      paramLabel = "text|json",
      completionCandidates = Choices.OfOutputFormat.class,
      description = "form of the answer on standard output (default: text)")
  OutputFormat output = OutputFormat.TEXT;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "no progress, and no answer unless something needs attention")
  boolean quiet;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "print the stack trace of a failure")
  boolean debug;

  @Option(
      names = {"-h", "--help"},
      scope = ScopeType.INHERIT,
      usageHelp = true,
      description = "show this help")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "show the version")
  boolean version;

  public Optional<Path> config() {
    return Optional.ofNullable(config);
  }

  public OutputFormat output() {
    return output;
  }

  public boolean debug() {
    return debug;
  }
}
