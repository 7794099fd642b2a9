package io.ringkeep.cli.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Secret;
import io.ringkeep.redis.TlsFiles;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerLoginTest {
  private final Screen screen = new Screen();

  private static ServerLogin login(
      String url, @Nullable String user, @Nullable Path ca, @Nullable Path cert) {
    return new ServerLogin("target", url, user, null, null, null, ca, cert, null, null);
  }

  private ConnectionOptions connection(ServerLogin login) {
    return login.connection(new Secrets(screen.console()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://me:hunter2@host",
        "redis://:hunter2@host:1",
        "rediss-sentinel://me:hunter2@h1,h2/name",
        "redis://me:hunter2@x@host"
      })
  void uri_passwordInside_isRefusedNamingTheVariableNotThePassword(String url) {
    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> login(url, null, null, null).uri())
        .satisfies(e -> {
          assertThat(e.hint().orElseThrow())
              .contains("RINGKEEP_TARGET_PASSWORD")
              .contains("--target-password-file");
          assertThat(e.getMessage() + e.hint()).doesNotContain("hunter2");
        });
  }

  @Test
  void connection_userInUrlAndPasswordInEnvironment_takesBoth() {
    screen.variable("RINGKEEP_TARGET_PASSWORD", "hunter2");
    ConnectionOptions connection = connection(login("redis://me@host", null, null, null));

    assertThat(connection.user()).hasValue("me");
    assertThat(connection.password().map(Secret::reveal)).hasValue("hunter2");
    assertThat(connection.tls()).isEmpty();
    assertThat(connection.toString()).doesNotContain("hunter2");
  }

  @Test
  void connection_otherSidesVariable_isNotTaken() {
    screen.variable("RINGKEEP_SOURCE_PASSWORD", "hunter2");

    assertThat(connection(login("redis://host", null, null, null)).password()).isEmpty();
  }

  @Test
  void connection_sentinels_haveAPasswordOfTheirOwn() {
    screen.variable("RINGKEEP_TARGET_PASSWORD", "hunter2");
    screen.variable("RINGKEEP_TARGET_SENTINEL_PASSWORD", "hunter3");
    ConnectionOptions connection =
        connection(login("redis-sentinel://me@host/orders", null, null, null));

    assertThat(connection.password().map(Secret::reveal)).hasValue("hunter2");
    assertThat(connection.forSentinel().password().map(Secret::reveal)).hasValue("hunter3");
    assertThat(connection.forSentinel().user()).isEmpty();
    assertThat(connection.toString()).doesNotContain("hunter3");
  }

  @Test
  void connection_serversAlone_leaveTheSentinelsPasswordAlone() {
    screen.variable("RINGKEEP_TARGET_SENTINEL_PASSWORD", "hunter3");

    assertThat(connection(login("redis://host", null, null, null)).forSentinel().password())
        .isEmpty();
  }

  @Test
  void connection_twoUsers_isRefused() {
    screen.variable("RINGKEEP_TARGET_PASSWORD", "x");

    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> connection(login("redis://me@host", "you", null, null)));
  }

  @Test
  void connection_userWithoutPassword_isRefused() {
    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> connection(login("redis://me@host", null, null, null)));
  }

  @Test
  void connection_tlsUrl_takesTheFilesAndChecksTheHostName() {
    TlsFiles tls =
        connection(login("rediss://host", null, Path.of("ca.crt"), null)).tls().orElseThrow();

    assertThat(tls.ca()).hasValue(Path.of("ca.crt"));
    assertThat(tls.verification()).isEqualTo(TlsFiles.Verification.FULL);
  }

  @Test
  void connection_tlsFilesForPlainUrl_isRefused() {
    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> connection(login("redis://host", null, Path.of("ca.crt"), null)));
  }

  @Test
  void connection_certificateWithoutKey_isRefused() {
    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> connection(login("rediss://host", null, null, Path.of("c.crt"))));
  }
}
