package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.ServerLogin;
import io.ringkeep.redis.TlsFiles;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How the cache that is written is logged into; its URL is an option of the command.
final class TargetOptions {
  @Option(
      names = "--target-user",
      paramLabel = "NAME",
      description = "ACL user, unless the URL names one (redis://NAME@host)")
  @Nullable String user;

  @Option(
      names = "--target-password-file",
      paramLabel = "FILE",
      description = "file whose first line is the password; else $RINGKEEP_TARGET_PASSWORD")
  @Nullable Path passwordFile;

  @Option(
      names = "--target-sentinel-user",
      paramLabel = "NAME",
      description = "ACL user of the Sentinels")
  @Nullable String sentinelUser;

  @Option(
      names = "--target-sentinel-password-file",
      paramLabel = "FILE",
      description =
          "file whose first line is the Sentinels' own password; else"
              + " $RINGKEEP_TARGET_SENTINEL_PASSWORD")
  @Nullable Path sentinelPasswordFile;

  @Option(
      names = "--target-ca",
      paramLabel = "PEM",
      description = "trusted certificates (rediss://)")
  @Nullable Path ca;

  @Option(names = "--target-cert", paramLabel = "PEM", description = "client certificate")
  @Nullable Path certificate;

  @Option(names = "--target-key", paramLabel = "PEM", description = "key of the client certificate")
  @Nullable Path key;

  @Option(
      names = "--target-tls-verify",
      paramLabel = "full|authority|none",
      completionCandidates = Choices.OfVerification.class,
      description =
          "what a server's certificate has to prove: authority and host name, authority only,"
              + " nothing (default: full)")
  TlsFiles.@Nullable Verification verification;

  /// These, for the servers at `url`.
  ServerLogin login(String url) {
    return new ServerLogin(
        "target",
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
