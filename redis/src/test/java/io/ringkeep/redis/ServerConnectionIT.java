package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import io.ringkeep.testkit.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ServerConnectionIT {
  private static final ConnectionOptions IMPATIENT =
      ConnectionOptions.DEFAULT.withTimeouts(Duration.ofMillis(500), Duration.ofMillis(500));

  private static Endpoint endpoint(TestServer server) {
    return new Endpoint(server.host(), server.port());
  }

  private static ConnectionOptions as(String user, String password) {
    return ConnectionOptions.DEFAULT
        .withUser(Optional.of(user))
        .withPassword(Optional.of(Secret.of(password)));
  }

  private static ConnectionOptions password(String password) {
    return ConnectionOptions.DEFAULT.withPassword(Optional.of(Secret.of(password)));
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void command_everyKindOfReply_isReadable(Engine engine) {
    try (TestServer server = TestServer.start(engine);
        ServerConnection connection =
            ServerConnection.open(endpoint(server), ConnectionOptions.DEFAULT)) {
      assertThat(connection.text("SET", "k", "wert: ü")).isEqualTo("OK");
      assertThat(connection.text("GET", "k")).isEqualTo("wert: ü");
      assertThat(connection.command("GET", "none")).isNull();
      assertThat(Reply.number(connection.command("INCRBY", "n", "41"))).isEqualTo(41);
      assertThat(connection.list("MGET", "n", "none")).hasSize(2).endsWith((Object) null);
      assertThat(connection.textMap("CONFIG", "GET", "databases")).containsEntry("databases", "16");
      assertThat(connection.info("server", "replication"))
          .containsEntry("role", "master")
          .containsKey("run_id");
      assertThat(EngineVersion.parse(connection.info("server")))
          .extracting(EngineVersion::major, EngineVersion::minor, EngineVersion::patch)
          .containsExactly(engine.major(), engine.minor(), engine.patch());
    }
  }

  @Test
  void command_errorReply_leavesTheConnectionUsable() {
    try (TestServer server = TestServer.start(Engines.redis70());
        ServerConnection connection =
            ServerConnection.open(endpoint(server), ConnectionOptions.DEFAULT)) {
      connection.command("SET", "k", "v");

      ServerError error =
          catchThrowableOfType(ServerError.class, () -> connection.command("LPUSH", "k", "x"));

      assertThat(error.code()).isEqualTo("WRONGTYPE");
      assertThat(connection.text("GET", "k")).isEqualTo("v");
      connection.command("MULTI");
      connection.command("LPUSH", "k", "x");
      connection.command("GET", "k");
      assertThat(connection.list("EXEC").getFirst()).isInstanceOf(ServerError.class);
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void open_passwordMissingOrWrong_isAccessDeniedWithoutIt(Engine engine) {
    try (TestServer server = TestServer.builder(engine).password("open sesame").start()) {
      Endpoint endpoint = endpoint(server);
      try (ServerConnection connection = ServerConnection.open(endpoint, password("open sesame"))) {
        assertThat(connection.text("PING")).isEqualTo("PONG");
      }

      assertThatThrownBy(() -> ServerConnection.open(endpoint, ConnectionOptions.DEFAULT))
          .isInstanceOf(AccessDenied.class)
          .hasMessage("server asks for a password: server=" + endpoint);
      assertThatThrownBy(() -> ServerConnection.open(endpoint, password("hunter2")))
          .isInstanceOf(AccessDenied.class)
          .hasMessage("wrong user or password: server=" + endpoint + " user=default")
          .hasStackTraceContaining("wrong user")
          .satisfies(denial -> assertThat(denial.toString()).doesNotContain("hunter2"));
      assertThatThrownBy(() -> ServerConnection.open(endpoint, as("nobody", "hunter2")))
          .isInstanceOf(AccessDenied.class)
          .hasMessage("wrong user or password: server=" + endpoint + " user=nobody");
    }
  }

  @Test
  void open_passwordNobodyAskedFor_isAccessDenied() {
    try (TestServer server = TestServer.start(Engines.redis62())) {
      assertThatThrownBy(() -> ServerConnection.open(endpoint(server), password("hunter2")))
          .isInstanceOf(AccessDenied.class)
          .hasMessageContaining("the server has none for this user");
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void command_rightMissing_hintedLineGrantsIt(Engine engine) {
    try (TestServer server = TestServer.start(engine)) {
      server.call("ACL", "SETUSER", "keeper", "on", ">open sesame");
      try (ServerConnection connection =
          ServerConnection.open(endpoint(server), as("keeper", "open sesame"))) {
        List<List<String>> commands =
            List.of(
                List.of("CONFIG", "GET", "maxmemory"),
                List.of("INFO", "server"),
                List.of("CLIENT", "LIST"),
                List.of("ACL", "LIST"),
                List.of("DBSIZE"));
        for (List<String> words : commands) {
          String[] command = words.toArray(String[]::new);
          AccessDenied denial =
              catchThrowableOfType(AccessDenied.class, () -> connection.command(command));
          String right = ErrorReply.right(words);

          assertThat(denial)
              .as("reply to " + words)
              .hasMessage(
                  "user lacks a right: server=%s command=%s user=keeper"
                      .formatted(connection.endpoint(), right));
          assertThat(denial.hint()).contains("grant it with: ACL SETUSER keeper +" + right);
          grant(server, denial);
          assertThat(connection.command(command)).isNotNull();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void command_keyForbidden_hintedLineGrantsIt(Engine engine) {
    try (TestServer server = TestServer.start(engine)) {
      server.call("ACL", "SETUSER", "keeper", "on", ">open sesame", "+set", "~mine:*");
      try (ServerConnection connection =
          ServerConnection.open(endpoint(server), as("keeper", "open sesame"))) {
        AccessDenied denial =
            catchThrowableOfType(AccessDenied.class, () -> connection.command("SET", "k", "v"));

        assertThat(denial.hint()).contains("grant it with: ACL SETUSER keeper ~*");
        grant(server, denial);
        assertThat(connection.text("SET", "k", "v")).isEqualTo("OK");
      }
    }
  }

  private static void grant(TestServer server, BackupException denial) {
    String line = denial.hint().orElseThrow().replaceFirst(".*(?=ACL SETUSER)", "");
    assertThat(server.text(line.split(" ", -1))).isEqualTo("OK");
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void command_serverLoading_isUnavailableButInfoAnswers(Engine engine) throws Exception {
    // While it loads, a server looks at its connections every two megabytes.
    try (TestServer server = TestServer.start(engine, "rdbcompression no")) {
      server.call("DEBUG", "POPULATE", "600", "k", "40000");
      server.call("CONFIG", "SET", "key-load-delay", "5000");
      Thread reload = Thread.ofVirtual().start(() -> server.call("DEBUG", "RELOAD"));
      try (ServerConnection connection =
          ServerConnection.open(endpoint(server), ConnectionOptions.DEFAULT)) {
        Waiting.until(
            () -> "1".equals(connection.info("persistence").get("loading")),
            Duration.ofSeconds(20),
            () -> "loading");

        assertThatThrownBy(() -> connection.command("DBSIZE"))
            .isInstanceOf(Unavailable.class)
            .hasMessage("server is loading its dataset: server=" + endpoint(server));
      }
      reload.join();
    }
  }

  @Test
  void open_nobodyListens_isUnavailableAndNamesTheServer() throws IOException {
    Endpoint endpoint;
    try (ServerSocket socket = new ServerSocket(0)) {
      endpoint = new Endpoint("127.0.0.1", socket.getLocalPort());
    }

    Unavailable failure =
        catchThrowableOfType(
            Unavailable.class, () -> ServerConnection.open(endpoint, ConnectionOptions.DEFAULT));

    assertThat(failure).hasMessageStartingWith("cannot connect: server=" + endpoint);
    assertThat(failure.hint()).isPresent();
  }

  @Test
  void open_unknownHost_isUnavailable() {
    assertThatThrownBy(() ->
            ServerConnection.open(new Endpoint("nowhere.invalid", 6379), ConnectionOptions.DEFAULT))
        .isInstanceOf(Unavailable.class)
        .hasMessage("host name cannot be resolved: server=nowhere.invalid:6379");
  }

  @Test
  void open_serverSaysNothing_isUnavailableInTime() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Endpoint endpoint = new Endpoint("127.0.0.1", silent.getLocalPort());

      assertThatThrownBy(() -> ServerConnection.open(endpoint, IMPATIENT))
          .isInstanceOf(Unavailable.class)
          .hasMessage("server does not answer in time: server=" + endpoint);
    }
  }

  @Test
  void command_serverKilled_isUnavailableNowAndAfterwards() {
    try (TestServer server = TestServer.start(Engines.redis70());
        ServerConnection connection =
            ServerConnection.open(endpoint(server), ConnectionOptions.DEFAULT)) {
      server.kill();

      assertThatThrownBy(() -> connection.command("PING"))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("connection lost: server=" + endpoint(server));
      server.start();
      // It does not dial again by itself: nobody would be logged in.
      assertThatThrownBy(() -> connection.command("PING")).isInstanceOf(Unavailable.class);
    }
  }

  @Test
  void command_afterClose_isUnavailable() {
    try (TestServer server = TestServer.start(Engines.redis70())) {
      ServerConnection connection =
          ServerConnection.open(endpoint(server), ConnectionOptions.DEFAULT);
      connection.close();

      assertThatThrownBy(() -> connection.command("PING")).isInstanceOf(Unavailable.class);
    }
  }

  @Test
  void open_everyAddressOfAHost_isTried() throws IOException {
    // localhost may stand for ::1 and 127.0.0.1; the server listens on the latter only.
    try (TestServer server = TestServer.start(Engines.redis70());
        Socket socket =
            Sockets.open(new Endpoint("localhost", server.port()), ConnectionOptions.DEFAULT)) {
      assertThat(socket.isConnected()).isTrue();
    }
  }
}
