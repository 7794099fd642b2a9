package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Single keys come back into an engine that does not take the bytes of the one that wrote them.
class UndeleteElsewhereIT {
  private static final String FAR_MILLIS = "4102444800000";

  static Stream<Engine> others() {
    return Engines.all()
        .filter(
            engine -> engine.equals(Engines.redis62()) || engine.toString().startsWith("valkey-9"));
  }

  private static Stream<Engine> newestRedis() {
    return Engines.all().filter(engine -> engine.toString().startsWith("redis-8"));
  }

  @ParameterizedTest
  @MethodSource("others")
  void undelete_keysOfTheNewestRedis_areWrittenAsCommandsAndTheRestIsNamed(Engine engine)
      throws Exception {
    for (Engine newest : newestRedis().toList()) {
      try (TestServer source = TestServer.start(newest);
          TestServer target = TestServer.start(engine);
          Story story = Story.inMemory()) {
        source.call("HSET", "hash", "item", "book", "gift", "yes");
        source.call("HPEXPIREAT", "hash", FAR_MILLIS, "FIELDS", "1", "gift");
        source.call("SADD", "set", "one", "two");
        source.call("PEXPIREAT", "set", FAR_MILLIS);
        source.call("XADD", "stream", "1-1", "field", "value");
        story.backup(source.uri());
        target.call("SET", "mine", "stays");

        story.undelete(target, "set", false);
        story.undelete(target, "stream", false);
        if (engine.hasFieldExpiry()) {
          story.undelete(target, "hash", false);
          assertThat(Raw.list(target.call("HPEXPIRETIME", "hash", "FIELDS", "1", "gift")))
              .containsExactly(Long.parseLong(FAR_MILLIS));
        } else {
          assertThatThrownBy(() -> story.undelete(target, "hash", false))
              .isInstanceOf(TargetRefused.class)
              .hasMessageContaining("time to live of single hash fields");
          assertThat(target.keys(0)).isEqualTo(3);
          story.undelete(target, "hash", true);
        }

        assertThat(target.text("HGET", "hash", "gift")).isEqualTo("yes");
        assertThat(target.text("SCARD", "set")).isEqualTo("2");
        assertThat(target.text("XLEN", "stream")).isEqualTo("1");
        assertThat(target.text("GET", "mine")).isEqualTo("stays");
        assertThat(Long.parseLong(target.text("PTTL", "set"))).isPositive();
        assertThat(target.keys(0)).isEqualTo(4);
        assertThatThrownBy(() -> story.undelete(target, "set", false))
            .isInstanceOf(TargetRefused.class);
      }
    }
  }
}
