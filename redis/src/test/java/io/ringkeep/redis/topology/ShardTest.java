package io.ringkeep.redis.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ShardTest {
  private static final Server PRIMARY =
      new Server(
          new Endpoint("127.0.0.1", 1),
          Optional.empty(),
          Role.PRIMARY,
          EngineVersion.named("REDIS 7.0.15"),
          "run1",
          "now",
          Optional.of("before"),
          1000,
          /* linkUp= */ true,
          Duration.ZERO,
          OptionalLong.of(500));

  @Test
  void followers_connectedOfThisHistory_isOneEvenIfItWasAskedLater() {
    assertThat(follows(replica("now", 1010, /* linkUp= */ true))).isTrue();
  }

  @Test
  void followers_cutOffWithinTheBacklog_isOneForItGoesOn() {
    assertThat(follows(replica("now", 700, /* linkUp= */ false))).isTrue();
    assertThat(follows(replica("before", 700, /* linkUp= */ false))).isTrue();
    assertThat(follows(replica("now", 499, /* linkUp= */ false))).isTrue();
  }

  @Test
  void followers_cutOffForTooLong_isNone() {
    assertThat(follows(replica("now", 498, /* linkUp= */ false))).isFalse();
  }

  @Test
  void followers_ofAnotherHistory_isNone() {
    assertThat(follows(replica("other", 700, /* linkUp= */ true))).isFalse();
    assertThat(follows(replica("other", 700, /* linkUp= */ false))).isFalse();
  }

  private static boolean follows(Server replica) {
    Shard shard = new Shard(Shard.SOLE, List.of(SlotRange.ALL), PRIMARY, List.of(replica));
    return shard.followers().equals(List.of(replica))
        && shard.followerEngines().equals(List.of(replica.engine()));
  }

  private static Server replica(String replid, long offset, boolean linkUp) {
    return new Server(
        new Endpoint("127.0.0.1", 2),
        Optional.empty(),
        Role.REPLICA,
        EngineVersion.named("REDIS 6.2.11"),
        "run2",
        replid,
        Optional.empty(),
        offset,
        linkUp,
        Duration.ZERO,
        OptionalLong.empty());
  }
}
