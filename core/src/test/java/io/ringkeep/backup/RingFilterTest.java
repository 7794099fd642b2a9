package io.ringkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.ServerRing;
import io.ringkeep.model.ServerRing.Client;
import io.ringkeep.model.ServerRing.Member;
import io.ringkeep.model.SlotRange;
import io.ringkeep.placement.ring.KeyRing;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.topology.Role;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// When keys that are not where a ring looks for them mean that it is the wrong ring.
class RingFilterTest {
  private static final int KEYS = 20_000;

  private static ServerRing ring(String tag, int servers) {
    List<Member> members =
        IntStream.range(0, servers).mapToObj(i -> Member.of("10.0.0." + (i + 1), 6379)).toList();
    return new ServerRing(Client.TWEMPROXY, Client.TWEMPROXY.usualHash(), tag, members);
  }

  private static Shard shard(int index) {
    Server server =
        new Server(
            new Endpoint("10.0.0." + (index + 1), 6379),
            Optional.empty(),
            Role.PRIMARY,
            EngineVersion.parse(EngineVersion.Product.REDIS, "7.0.15"),
            "run",
            "replid",
            Optional.empty(),
            0,
            /* linkUp= */ true,
            Duration.ZERO,
            OptionalLong.empty());
    return new Shard(Integer.toString(index), List.of(SlotRange.ALL), server, List.of());
  }

  private static List<String> warnings(RingFilter filter, int servers) {
    return filter.warnings(
        new Topology(
            Topology.Kind.KETAMA,
            IntStream.range(0, servers).mapToObj(RingFilterTest::shard).toList(),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of()));
  }

  private static Record record(String key) {
    return new Record(
        0,
        ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)),
        Record.NO_EXPIRY,
        Heat.UNKNOWN,
        0,
        RdbVersion.redis(10),
        ByteBuffer.wrap(new byte[] {1, 'x'}));
  }

  /// Three keys of ten have a tag, as carts of users do.
  private static String name(int i) {
    return i % 10 < 3 ? "cart:{" + i % 500 + "}:" + i : "user:" + i;
  }

  @Test
  void warnings_tenServersAndTheWrongTag_areRefused() {
    KeyRing clients = new KeyRing(ring("{}", 10));
    RingFilter filter = new RingFilter(ring("", 10));
    int astray = 0;
    for (int i = 0; i < KEYS; i++) {
      Record record = record(name(i));
      astray += filter.isAtHome(shard(clients.owner(record.key())), record) ? 0 : 1;
    }

    assertThat(astray).isBetween(KEYS / 5, KEYS * 2 / 5);
    assertThatThrownBy(() -> warnings(filter, 10))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("elsewhere=" + astray);
  }

  @Test
  void warnings_aRingThatGrew_nameWhatItLeftBehind() {
    KeyRing before = new KeyRing(ring("", 10));
    KeyRing after = new KeyRing(ring("", 12));
    RingFilter filter = new RingFilter(ring("", 12));
    for (int i = 0; i < KEYS; i++) {
      Record record = record(name(i));
      int former = before.owner(record.key());
      int owner = after.owner(record.key());
      assertThat(filter.isAtHome(shard(owner), record)).isTrue();
      if (former != owner) {
        assertThat(filter.isAtHome(shard(former), record)).isFalse();
      }
    }

    assertThat(warnings(filter, 12))
        .hasSize(10)
        .allMatch(warning -> warning.startsWith(RingFilter.LEFT_OUT));
  }
}
