package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.Unavailable;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorReplyTest {
  private static final Endpoint SERVER = new Endpoint("cache", 6379);
  private static final ConnectionOptions KEEPER =
      ConnectionOptions.DEFAULT.withUser(Optional.of("keeper"));

  private static RuntimeException of(String reply, String... words) {
    return ErrorReply.of(SERVER, KEEPER, List.of(words), reply);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        // Redis 6.0 and 6.2
        "this user has no permissions to run the 'config' command or its subcommand, +config|get",
        "this user has no permissions to access one of the keys used as arguments, ~*",
        // Redis 7.0
        "this user has no permissions to run the 'config|get' command, +config|get",
        "this user has no permissions to access one of the channels used as arguments, &*",
        // Redis 8.0, Valkey 8.1 and 9.1
        "User keeper has no permissions to run the 'config|get' command, +config|get",
        "No permissions to access a key, ~*",
        "No permissions to access a channel, &*",
        "No permissions to access database, alldbs"
      })
  void of_noPermission_hintsTheLineThatGrantsIt(String text, String right) {
    RuntimeException denial = of("NOPERM " + text, "CONFIG", "GET", "maxmemory");

    assertThat(denial)
        .isInstanceOf(AccessDenied.class)
        .hasMessage("user lacks a right: server=cache:6379 command=config|get user=keeper");
    assertThat(((BackupException) denial).hint())
        .contains("grant it with: ACL SETUSER keeper " + right);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NOAUTH Authentication required.",
        "WRONGPASS invalid username-password pair or user is disabled.",
        "DENIED Redis is running in protected mode because protected mode is enabled"
      })
  void of_credentialsDoNotDo_isAccessDenied(String reply) {
    assertThat(of(reply, "PING"))
        .isInstanceOf(AccessDenied.class)
        .hasMessageContaining("cache:6379");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LOADING Redis is loading the dataset in memory",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "CLUSTERDOWN The cluster is down",
        "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
        "ERR max number of clients reached"
      })
  void of_serverCannotNow_isUnavailable(String reply) {
    RuntimeException failure = of(reply, "GET", "k");

    assertThat(failure).isInstanceOf(Unavailable.class).hasMessageContaining("cache:6379");
    assertThat(((BackupException) failure).hint()).isPresent();
  }

  @Test
  void of_wrongPasswordBefore6_isAccessDenied() {
    assertThat(of("ERR invalid password", "AUTH", "hunter2"))
        .isInstanceOf(AccessDenied.class)
        .hasMessage("wrong user or password: server=cache:6379 user=keeper");
  }

  @Test
  void of_otherError_keepsCodeAndText() {
    ServerError error = (ServerError) of("BUSYKEY Target key name already exists.", "RESTORE", "k");

    assertThat(error.code()).isEqualTo("BUSYKEY");
    assertThat(error.text()).isEqualTo("Target key name already exists.");
    assertThat(error.isUnknownCommand()).isFalse();
    assertThat(error)
        .hasMessage(
            "server error: server=cache:6379 command=restore"
                + " reply=BUSYKEY Target key name already exists.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ERR unknown command `FOO`, with args beginning with: `hunter2`, ",
        "ERR unknown command 'FOO', with args beginning with: 'hunter2' ",
        "ERR unknown subcommand 'shards'. Try CLUSTER HELP.",
        "ERR Unknown subcommand or wrong number of arguments for 'shards'. Try CLUSTER HELP."
      })
  void of_unknownCommand_isSaidWithoutItsArguments(String reply) {
    ServerError error = (ServerError) of(reply, "FOO", "hunter2");

    assertThat(error.isUnknownCommand()).isTrue();
    assertThat(error + error.text()).doesNotContain("hunter2");
  }
}
