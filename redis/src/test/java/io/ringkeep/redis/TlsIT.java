package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.TlsFiles.Verification;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TlsIT {
  private static final TlsFiles TRUSTING =
      new TlsFiles(Optional.of(Certificates.OURS.authority()), Optional.empty(), Optional.empty());

  /// Trusts somebody, but not our authority.
  private static final TlsFiles DISTRUSTING =
      new TlsFiles(Certificates.STRANGER.ca(), Optional.empty(), Optional.empty());

  private static final TlsFiles SHOWING_A_STRANGER =
      new TlsFiles(
          Optional.of(Certificates.OURS.authority()),
          Certificates.STRANGER.certificate(),
          Certificates.STRANGER.key());

  private static TlsFiles verifying(TlsFiles files, Verification verification) {
    return new TlsFiles(files.ca(), files.certificate(), files.key(), verification);
  }

  private static ConnectionOptions with(TlsFiles files) {
    return ConnectionOptions.DEFAULT
        .withTls(Optional.of(files))
        .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(5));
  }

  private static TestServer start(Engine engine, boolean clientsNeedCertificate) {
    return TestServer.builder(engine).tls(Certificates.OURS, clientsNeedCertificate).start();
  }

  private static String ping(Endpoint endpoint, TlsFiles files) {
    try (ServerConnection connection = ServerConnection.open(endpoint, with(files))) {
      return connection.text("PING");
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void open_trustedServer_speaksTls(Engine engine) throws Exception {
    try (TestServer server = start(engine, /* clientsNeedCertificate= */ false)) {
      for (String host : List.of("127.0.0.1", "localhost")) {
        Endpoint endpoint = new Endpoint(host, server.port());
        assertThat(ping(endpoint, TRUSTING)).isEqualTo("PONG");
        try (SSLSocket socket = (SSLSocket) Sockets.open(endpoint, with(TRUSTING))) {
          assertThat(socket.getSession().getProtocol()).isIn("TLSv1.2", "TLSv1.3");
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void open_clientCertificateRequired_isAccepted(Engine engine) {
    try (TestServer server = start(engine, /* clientsNeedCertificate= */ true)) {
      Endpoint endpoint = new Endpoint(server.host(), server.port());

      assertThat(ping(endpoint, Certificates.client())).isEqualTo("PONG");
      for (TlsFiles files : List.of(TRUSTING, SHOWING_A_STRANGER)) {
        AccessDenied denial = catchThrowableOfType(AccessDenied.class, () -> ping(endpoint, files));
        assertThat(denial)
            .hasMessageStartingWith("server refused our TLS certificate: server=" + endpoint);
        assertThat(denial.hint().orElseThrow()).contains("client certificate");
      }
    }
  }

  @Test
  void open_authorityUnknown_isAccessDeniedUnlessNothingIsVerified() {
    try (TestServer server = start(Engines.redis70(), /* clientsNeedCertificate= */ false)) {
      Endpoint endpoint = new Endpoint(server.host(), server.port());

      for (TlsFiles files : List.of(DISTRUSTING, TlsFiles.none())) {
        assertThatThrownBy(() -> ping(endpoint, files))
            .isInstanceOf(AccessDenied.class)
            .hasMessage("certificate of the server is not trusted: server=" + endpoint);
      }
      assertThat(ping(endpoint, verifying(DISTRUSTING, Verification.NONE))).isEqualTo("PONG");
    }
  }

  @Test
  void open_certificateOfAnotherHost_isAccessDeniedUnlessOnlyTheAuthorityCounts() {
    try (TestServer server = start(Engines.redis70(), /* clientsNeedCertificate= */ false)) {
      server.call("CONFIG", "SET", "bind", "127.0.0.1 127.0.0.2");
      Endpoint endpoint = new Endpoint("127.0.0.2", server.port());

      BackupException denial =
          catchThrowableOfType(AccessDenied.class, () -> ping(endpoint, TRUSTING));
      assertThat(denial)
          .hasMessage("certificate of the server is for another host name: server=" + endpoint);
      assertThat(ping(endpoint, verifying(TRUSTING, Verification.AUTHORITY))).isEqualTo("PONG");
      assertThatThrownBy(() -> ping(endpoint, verifying(DISTRUSTING, Verification.AUTHORITY)))
          .isInstanceOf(AccessDenied.class)
          .hasMessageContaining("not trusted");
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void open_serverIsPlain_saysSo(Engine engine) {
    try (TestServer server = TestServer.start(engine)) {
      Endpoint endpoint = new Endpoint(server.host(), server.port());

      assertThatThrownBy(() -> ping(endpoint, TRUSTING))
          .isInstanceOfAny(InvalidRequest.class, Unavailable.class)
          .hasMessageContaining("TLS")
          .satisfies(failure ->
              assertThat(((BackupException) failure).hint().orElseThrow()).contains("TLS"));
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void open_serverSpeaksTlsOnly_asksAboutTls(Engine engine) {
    try (TestServer server = start(engine, /* clientsNeedCertificate= */ false)) {
      Endpoint endpoint = new Endpoint(server.host(), server.port());

      Unavailable failure =
          catchThrowableOfType(
              Unavailable.class, () -> ServerConnection.open(endpoint, ConnectionOptions.DEFAULT));

      assertThat(failure).hasMessageContaining("connection lost: server=" + endpoint);
      assertThat(failure.hint().orElseThrow()).contains("does its port speak TLS?");
    }
  }

  @Test
  void open_keyOfAnotherCertificate_isInvalidRequest() {
    TlsFiles mixed =
        new TlsFiles(
            Optional.of(Certificates.OURS.authority()),
            Optional.of(Certificates.OURS.clientCertificate()),
            Optional.of(Certificates.OURS.authority()));
    try (TestServer server = start(Engines.redis70(), /* clientsNeedCertificate= */ false)) {
      assertThatThrownBy(() -> ping(new Endpoint(server.host(), server.port()), mixed))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("no private key");
    }
  }
}
