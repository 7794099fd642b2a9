package io.ringkeep.scratch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Servers of our own are told from one another and from any other.
class ScratchServerIT {
  /// A port that was free may be another's a moment later: one that has our password, or not.
  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void start_portTakenMeanwhile_isAnotherServerOnAnotherPort(Engine engine) throws Exception {
    try (ScratchServer first = ScratchServer.start(engine.server(), 16);
        TestServer other = TestServer.start(engine)) {
      Deque<Integer> taken = new ArrayDeque<>(List.of(first.endpoint().port(), other.port()));
      ScratchServer.Ports ports =
          () -> taken.isEmpty() ? ScratchServer.freePort() : taken.removeFirst();
      try (ScratchServer second = ScratchServer.start(engine.server(), 16, ports);
          ServerConnection one = ServerConnection.open(first.endpoint(), ScratchServer.CONNECTION);
          ServerConnection two =
              ServerConnection.open(second.endpoint(), ScratchServer.CONNECTION)) {
        assertThat(second.endpoint().port()).isNotIn(first.endpoint().port(), other.port());
        one.command("SET", "of the first", "yes");
        assertThat(two.command("DBSIZE")).isEqualTo(0L);
        assertThat(Raw.number(other.call("DBSIZE"))).isZero();
      }
    }
  }

  /// The port of another server that has our password.
  @Test
  void start_anotherServerAnswers_saysSo() throws Exception {
    Path program = Engines.redis70().server();
    try (ScratchServer first = ScratchServer.start(program, 16)) {
      assertThatThrownBy(() -> ScratchServer.start(program, 16, first.endpoint()::port))
          .isInstanceOf(BackupException.Unavailable.class)
          .hasMessage(
              "the scratch server did not start: another one answers at " + first.endpoint());
    }
  }
}
