package io.ringkeep.scratch;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.redis.ServerConnection;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Servers of our own are told from one another and from any other.
class ScratchServerIT {
  /// A port that was free may be another's a moment later: one that has our password, or not.
  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void start_portTakenMeanwhile_isAnotherServerOnAnotherPort(Engine engine) throws Exception {
    try (ScratchServer first = ScratchServer.start(engine.server(), 16);
        TestServer other = TestServer.start(engine);
        TestServer free = TestServer.start(engine)) {
      free.kill();
      Deque<Integer> ports =
          new ArrayDeque<>(List.of(first.endpoint().port(), other.port(), free.port()));
      try (ScratchServer second = ScratchServer.start(engine.server(), 16, ports::removeFirst);
          ServerConnection one = ServerConnection.open(first.endpoint(), ScratchServer.CONNECTION);
          ServerConnection two =
              ServerConnection.open(second.endpoint(), ScratchServer.CONNECTION)) {
        assertThat(second.endpoint().port()).isEqualTo(free.port());
        one.command("SET", "of the first", "yes");
        assertThat(two.command("DBSIZE")).isEqualTo(0L);
        assertThat(Raw.number(other.call("DBSIZE"))).isZero();
      }
    }
  }
}
