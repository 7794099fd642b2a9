package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.ServerLogin;
import io.ringkeep.redis.TlsFiles;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How the cache that is read is logged into; its URL is an option of the command.
final class SourceOptions {
  @Option(
      names = "--source-user",
      paramLabel = "NAME",
      description = "ACL user, unless the URL names one (redis://NAME@host)")
  @Nullable String user;

  @Option(
      names = "--source-password-file",
      paramLabel = "FILE",
      description = "file whose first line is the password; else $RINGKEEP_SOURCE_PASSWORD")
  @Nullable Path passwordFile;

  @Option(
      names = "--source-sentinel-user",
      paramLabel = "NAME",
      description = "ACL user of the Sentinels")
  @Nullable String sentinelUser;

  @Option(
      names = "--source-sentinel-password-file",
      paramLabel = "FILE",
      description =
          "file whose first line is the Sentinels' own password; else"
              + " $RINGKEEP_SOURCE_SENTINEL_PASSWORD")
  @Nullable Path sentinelPasswordFile;

  @Option(
      names = "--source-ca",
      paramLabel = "PEM",
      description = "trusted certificates (rediss://)")
  @Nullable Path ca;

  @Option(names = "--source-cert", paramLabel = "PEM", description = "client certificate")
  @Nullable Path certificate;

  @Option(names = "--source-key", paramLabel = "PEM", description = "key of the client certificate")
  @Nullable Path key;

  @Option(
      names = "--source-tls-verify",
      paramLabel = "full|authority|none",
      completionCandidates = Choices.OfVerification.class,
      description =
          "what a server's certificate has to prove: authority and host name, authority only,"
              + " nothing (default: full)")
  TlsFiles.@Nullable Verification verification;

  /// These, for the servers at `url`.
  ServerLogin login(String url) {
    return new ServerLogin(
        "source",
        url,
        user,
        passwordFile,
        sentinelUser,
        sentinelPasswordFile,
        ca,
        certificate,
        key,
        verification);
  }
}
