package io.ringkeep.cli.session;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Login;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.Secret;
import io.ringkeep.redis.TlsFiles;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The options of one side, source or target, as they were given.
///
/// @param side `source` or `target`: the start of each option's name
/// @param url where the cache is
/// @param user ACL user, unless the URL names one
/// @param passwordFile file whose first line is the password
/// @param sentinelUser ACL user of the Sentinels
/// @param sentinelPasswordFile file whose first line is their password
/// @param ca trusted certificates
/// @param certificate the client's certificate
/// @param key its key
/// @param verification what a server's certificate has to prove
public record ServerLogin(
    String side,
    String url,
    @Nullable String user,
    @Nullable Path passwordFile,
    @Nullable String sentinelUser,
    @Nullable Path sentinelPasswordFile,
    @Nullable Path ca,
    @Nullable Path certificate,
    @Nullable Path key,
    TlsFiles.@Nullable Verification verification) {

  /// The variable that holds this side's password.
  public String passwordVariable() {
    return passwordVariable(side);
  }

  private static String passwordVariable(String whose) {
    return "RINGKEEP_%s_PASSWORD".formatted(whose.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /// Where the servers are.
  ///
  /// @throws InvalidRequest if the URL is none, or holds a password; the message does not repeat it
  public RedisUri uri() {
    int authority = url.indexOf("://") + "://".length();
    int at = url.lastIndexOf('@');
    if (authority >= "://".length()
        && at > authority
        && url.substring(authority, at).contains(":")) {
      throw new InvalidRequest(
          "a server URL must not hold a password: everyone on this machine can read it in the process list",
          "write user@host only; put the password into %s or a file named with --%s-password-file"
              .formatted(passwordVariable(), side));
    }
    return RedisUri.parse(url);
  }

  /// How to log in there.
  public ConnectionOptions connection(Secrets secrets) {
    RedisUri uri = uri();
    if (user != null && uri.user().isPresent() && !uri.user().get().equals(user)) {
      throw new InvalidRequest(
          "two users are named: --%s-user=%s url=%s".formatted(side, user, uri),
          "keep one of them");
    }
    Login server = login(secrets, user != null ? Optional.of(user) : uri.user(), passwordFile, "");
    ConnectionOptions options =
        ConnectionOptions.DEFAULT
            .withUser(server.user())
            .withPassword(server.password())
            .withTls(tls(uri));
    return uri.kind() == RedisUri.Kind.SENTINEL
        ? options.withSentinels(
            login(secrets, Optional.ofNullable(sentinelUser), sentinelPasswordFile, "-sentinel"))
        : options;
  }

  /// @param whose what stands between the side and the rest in names of options
  private Login login(Secrets secrets, Optional<String> name, @Nullable Path file, String whose) {
    String variable = passwordVariable(side + whose);
    Optional<Secret> password = secrets.find(file, variable).map(Secret::of);
    if (name.isPresent() && password.isEmpty()) {
      throw new InvalidRequest(
          "a user without a password: user=" + name.get(),
          "put it into %s or a file named with --%s%s-password-file"
              .formatted(variable, side, whose));
    }
    return new Login(name, password);
  }

  private Optional<TlsFiles> tls(RedisUri uri) {
    if (!uri.tls()) {
      if (ca != null || certificate != null || key != null || verification != null) {
        throw new InvalidRequest(
            "TLS options are given for a URL without TLS: url=" + uri,
            "write rediss:// or rediss-sentinel://");
      }
      return Optional.empty();
    }
    if ((certificate == null) != (key == null)) {
      throw new InvalidRequest(
          "a client certificate and its key come together",
          "give both --%s-cert and --%s-key".formatted(side, side));
    }
    return Optional.of(
        new TlsFiles(
            Optional.ofNullable(ca),
            Optional.ofNullable(certificate),
            Optional.ofNullable(key),
            verification == null ? TlsFiles.Verification.FULL : verification));
  }
}
