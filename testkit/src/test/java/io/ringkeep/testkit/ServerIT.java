package io.ringkeep.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

class ServerIT {
  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void start_everyEngine_answersAsThatVersion(Engine engine) {
    try (TestServer server = TestServer.start(engine)) {
      boolean valkey = engine.product() == Engine.Product.VALKEY;
      assertThat(server.info("server"))
          .containsEntry(valkey ? "valkey_version" : "redis_version", engine.version());
      assertThat(server.text("DEBUG", "DIGEST")).isEqualTo("0".repeat(40));
    }
  }

  @Test
  void close_runningServer_leavesNeitherProcessNorFolder() {
    TestServer server = TestServer.start(Engines.redis70());
    Path directory = server.directory();
    long pid = server.pid();
    server.close();
    server.close();
    assertThat(directory).doesNotExist();
    assertThat(ProcessHandle.of(pid)).isNotPresent();
  }

  /// Starts a server, says its process id, and stays.
  static final class Starter {
    public static void main(String[] arguments) throws Exception {
      System.out.println(TestServer.start(Engines.redis62()).pid());
      Thread.sleep(Duration.ofMinutes(10));
    }
  }

  @Test
  void starter_killed_itsServersDieToo(@TempDir Path directory) throws Exception {
    Process starter =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + directory,
                "-Dringkeep.engines=" + System.getProperty("ringkeep.engines"),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Starter.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said = starter.inputReader()) {
      long pid = Long.parseLong(said.readLine());
      assertThat(ProcessHandle.of(pid)).isPresent();
      starter.destroyForcibly().waitFor();
      Waiting.until(
          () -> ProcessHandle.of(pid).isEmpty(), Duration.ofSeconds(20), () -> "end of " + pid);
    } finally {
      starter.destroyForcibly();
    }
  }

  @Test
  void restart_serverWithData_keepsDataAndPort() {
    try (TestServer server = TestServer.start(Engines.redis62())) {
      int port = server.port();
      server.call("SET", "k", "v");
      server.restart();
      assertThat(server.text("GET", "k")).isEqualTo("v");
      assertThat(server.port()).isEqualTo(port);
      assertThat(server.keys(0)).isEqualTo(1);
    }
  }

  @Test
  void kill_unsavedData_losesItOnStart() {
    try (TestServer server = TestServer.start(Engines.redis70())) {
      server.call("SET", "k", "v");
      server.kill();
      assertThat(server.isAlive()).isFalse();
      server.start();
      assertThat(server.keys(0)).isZero();
    }
  }

  @Test
  void start_badConfiguration_failsWithWhatTheServerSaid() {
    assertThatThrownBy(() -> TestServer.start(Engines.redis70(), "maxmemory plenty"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("maxmemory");
  }

  @Test
  void replicaOf_primaryWithPassword_syncs() {
    try (TestServer primary =
            TestServer.builder(Engines.redis70()).password("a \"quoted\" one").start();
        TestServer replica =
            TestServer.builder(Engines.redis70())
                .password("a \"quoted\" one")
                .replicaOf(primary)
                .start()) {
      primary.call("SET", "k", "v");
      primary.awaitReplicas(1);
      assertThat(replica.text("GET", "k")).isEqualTo("v");
    }
  }

  @Test
  void tls_clientCertificateNeeded_answersOverTls(@TempDir Path directory) throws Exception {
    TestCertificates certificates = TestCertificates.in(directory);
    assertThat(Files.readString(certificates.authority())).startsWith("-----BEGIN CERTIFICATE");
    try (TestServer server = TestServer.builder(Engines.redis70()).tls(certificates, true).start();
        Jedis client = server.client()) {
      assertThat(client.ping()).isEqualTo("PONG");
      assertThat(server.uri()).startsWith("rediss://");
    }
  }

  @Test
  void embedded_thisPlatform_startsWithoutEnginesFolder(@TempDir Path directory) {
    Engine engine = Engines.embedded(directory);
    try (TestServer server = TestServer.start(engine)) {
      assertThat(server.info("server")).containsEntry("redis_version", engine.version());
    }
  }
}
