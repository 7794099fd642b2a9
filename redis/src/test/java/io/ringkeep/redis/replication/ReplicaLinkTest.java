package io.ringkeep.redis.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Secret;
import io.ringkeep.redis.replication.PsyncReply.FullResync;
import io.ringkeep.redis.replication.ReplicaLink.Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What servers say now and then, byte by byte; what they say always is in `ReplicaLinkIT`.
class ReplicaLinkTest {
  private static final String REPLID = "8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb";
  private static final String MARK = "7de5cb4509451a5b1c97aafb50a8a8e1cb249abd";
  private static final String FULL = "+FULLRESYNC " + REPLID + " 42\r\n";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String OK = "+OK\r\n";
  private static final Options SNAPSHOT =
      new Options(
          /* rdbOnly= */ true, /* emptyRdb= */ false, Optional.of("9.9.9"), Duration.ofSeconds(2));

  @Test
  void fullResync_afterNewlinesAndExcuses_givesTheRdbOfEitherForm() throws IOException {
    try (ScriptedServer server =
            ScriptedServer.answering(
                "+PONG\r\n",
                OK,
                "\n+OK\r\n",
                "-ERR Unrecognized REPLCONF option: version\r\n",
                "-ERR Unrecognized REPLCONF option: rdb-only\r\n",
                "\n\n-NOMASTERLINK Can't SYNC while not connected with my master\r\n",
                "-LOADING Redis is loading the dataset in memory\r\n",
                "\n\n" + FULL + "\n\n\n$EOF:" + MARK + "\r\nREDIS\n" + MARK);
        ReplicaLink link =
            ReplicaLink.open(server.endpoint(), ConnectionOptions.DEFAULT, SNAPSHOT)) {
      assertThat(link.fullResync(PATIENCE)).isEqualTo(new FullResync(REPLID, 42));
      assertThat(readAll(link.rdb())).isEqualTo("REDIS\n");
      assertThat(server.commands())
          .containsExactly(
              "PING",
              "REPLCONF listening-port 65536",
              "REPLCONF capa eof capa psync2",
              "REPLCONF version 9.9.9",
              "REPLCONF rdb-only 1",
              "PSYNC ? -1",
              "PSYNC ? -1",
              "PSYNC ? -1");
    }
  }

  @Test
  void fullResync_nothingAtAllComes_isGivenUpBeforePatienceEnds() throws IOException {
    Options brief =
        new Options(
            /* rdbOnly= */ false, /* emptyRdb= */ false, Optional.empty(), Duration.ofMillis(300));
    try (ScriptedServer server = ScriptedServer.answering("+PONG\r\n", OK, OK, "\n", "");
        ReplicaLink link = ReplicaLink.open(server.endpoint(), ConnectionOptions.DEFAULT, brief)) {
      assertThatThrownBy(() -> link.fullResync(Duration.ofSeconds(20)))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("fell silent before it synchronised");
    }
  }

  @Test
  void readCommands_behindALength_startAtTheOffset() throws IOException {
    Options stream =
        new Options(
            /* rdbOnly= */ false, /* emptyRdb= */ false, Optional.empty(), Duration.ofSeconds(2));
    try (ScriptedServer server =
            ScriptedServer.answering(
                "-LOADING soon\r\n", OK, OK, FULL + "$5\r\nREDIS", "*1\r\n$4\r\nPING\r\n", "");
        ReplicaLink link = ReplicaLink.open(server.endpoint(), ConnectionOptions.DEFAULT, stream)) {
      link.fullResync(PATIENCE);
      assertThat(readAll(link.rdb())).isEqualTo("REDIS");
      assertThat(link.offset()).isEqualTo(42);
      link.acknowledge(42);
      ByteBuffer commands = ByteBuffer.allocateDirect(100);
      while (commands.position() < 14) {
        link.readCommands(commands);
      }
      assertThat(link.offset()).isEqualTo(56);
      assertThat(server.commands()).last().isEqualTo("REPLCONF ACK 42");
    }
  }

  @Test
  void readCommands_beforeTheServerNoticedItsEnd_repeatsTheAcknowledgement() throws IOException {
    Options stream =
        new Options(
            /* rdbOnly= */ false, /* emptyRdb= */ false, Optional.empty(), Duration.ofSeconds(5));
    try (ScriptedServer server =
            ScriptedServer.answering(
                "+PONG\r\n",
                OK,
                OK,
                FULL + "$EOF:" + MARK + "\r\n" + MARK,
                "",
                "*1\r\n$4\r\nPING\r\n",
                "");
        ReplicaLink link = ReplicaLink.open(server.endpoint(), ConnectionOptions.DEFAULT, stream)) {
      link.fullResync(PATIENCE);
      assertThat(readAll(link.rdb())).isEmpty();
      link.acknowledge(42);
      assertThat(link.readCommands(ByteBuffer.allocateDirect(100))).isPositive();
      assertThat(server.commands()).endsWith("REPLCONF ACK 42", "REPLCONF ACK 42");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-ERR unknown command 'PSYNC', with args beginning with: '?' '-1'|does not let itself",
        "-ERR Command is not available: 'PSYNC'|does not let itself",
        "-NOPERM this user has no permissions to run the 'psync' command|lacks a replica's rights",
        "-NOAUTH Authentication required.|asks for a password",
        "-DENIED Redis is running in protected mode|protected mode"
      })
  void fullResync_refused_isAccessDeniedWithTheReason(String refusal, String message)
      throws IOException {
    try (ScriptedServer server =
            ScriptedServer.answering("+PONG\r\n", OK, OK, OK, OK, refusal + "\r\n");
        ReplicaLink link =
            ReplicaLink.open(server.endpoint(), ConnectionOptions.DEFAULT, SNAPSHOT)) {
      assertThatThrownBy(() -> link.fullResync(PATIENCE))
          .isInstanceOf(AccessDenied.class)
          .hasMessageContaining(message)
          .hasMessageContaining("server=" + server.endpoint());
    }
  }

  @Test
  void open_authRefusedWithItsArguments_leaksNoPassword() throws IOException {
    ConnectionOptions options =
        ConnectionOptions.DEFAULT.withPassword(Optional.of(Secret.of("hunter2")));
    try (ScriptedServer server =
        ScriptedServer.answering(
            "-ERR unknown command 'AUTH', with args beginning with: 'hunter2'\r\n")) {
      BackupException failure =
          catchThrowableOfType(
              BackupException.class,
              () -> ReplicaLink.open(server.endpoint(), options, SNAPSHOT).close());
      assertThat(failure).isInstanceOf(AccessDenied.class);
      assertThat(failure.getMessage() + failure.hint()).doesNotContain("hunter2");
    }
  }

  @Test
  void fullResync_serverCannotFork_isUnavailable() throws IOException {
    try (ScriptedServer server =
            ScriptedServer.answering(
                "+PONG\r\n", OK, OK, OK, OK, "-ERR BGSAVE failed, replication can't continue\r\n");
        ReplicaLink link =
            ReplicaLink.open(server.endpoint(), ConnectionOptions.DEFAULT, SNAPSHOT)) {
      assertThatThrownBy(() -> link.fullResync(PATIENCE))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("cannot make an RDB");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n"})
  void rdb_linkEndsBeforeIt_isUnavailable(String lastWords) throws IOException {
    try (ScriptedServer server =
            ScriptedServer.answering("+PONG\r\n", OK, OK, OK, OK, FULL + lastWords);
        ReplicaLink link =
            ReplicaLink.open(server.endpoint(), ConnectionOptions.DEFAULT, SNAPSHOT)) {
      link.fullResync(PATIENCE);
      assertThatThrownBy(link::rdb)
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("closed the link before its RDB");
    }
  }

  @Test
  void fullResync_neverReady_endsWithThePatience() throws IOException {
    String excuse = "-NOMASTERLINK Can't SYNC while not connected with my master\r\n";
    try (ScriptedServer server =
            ScriptedServer.answering("+PONG\r\n", OK, OK, OK, OK, excuse, excuse, excuse, excuse);
        ReplicaLink link =
            ReplicaLink.open(server.endpoint(), ConnectionOptions.DEFAULT, SNAPSHOT)) {
      assertThatThrownBy(() -> link.fullResync(Duration.ofMillis(1200)))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("NOMASTERLINK");
    }
  }

  @Test
  void rdb_sourceFallsSilent_isUnavailableInTime() throws IOException {
    try (ScriptedServer server =
            ScriptedServer.answering(
                "+PONG\r\n", OK, OK, OK, OK, FULL + "$100\r\nREDIS", "never asked for");
        ReplicaLink link =
            ReplicaLink.open(server.endpoint(), ConnectionOptions.DEFAULT, SNAPSHOT)) {
      link.fullResync(PATIENCE);
      assertThatThrownBy(() -> readAll(link.rdb()))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("fell silent in mid-RDB")
          .hasMessageContaining("bytes=5 expected=100");
    }
  }

  @Test
  void open_anotherKindOfServer_isInvalidRequest() throws IOException {
    try (ScriptedServer server = ScriptedServer.answering("HTTP/1.1 400 Bad Request\r\n")) {
      assertThatThrownBy(
              () -> ReplicaLink.open(server.endpoint(), ConnectionOptions.DEFAULT, SNAPSHOT))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("HTTP/1.1 400 Bad Request");
    }
  }

  private static String readAll(ReadableByteChannel rdb) throws IOException {
    ByteBuffer all = ByteBuffer.allocateDirect(1000);
    while (rdb.read(all) >= 0) {
      assertThat(all.hasRemaining()).isTrue();
    }
    return StandardCharsets.ISO_8859_1.decode(all.flip()).toString();
  }
}
