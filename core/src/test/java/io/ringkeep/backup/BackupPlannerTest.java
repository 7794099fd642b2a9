package io.ringkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.topology.Role;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BackupPlannerTest {
  private static final Server PRIMARY = server(1, Role.PRIMARY, 1000, true, Duration.ZERO);

  @Test
  void plan_withHealthyReplicas_readsTheOneThatIsFurthest() {
    Server behind = server(2, Role.REPLICA, 900, true, Duration.ofSeconds(1));
    Server ahead = server(3, Role.REPLICA, 990, true, Duration.ofSeconds(1));

    BackupPlan plan = plan(SourcePolicy.PREFER_REPLICA, behind, ahead);

    assertThat(plan.captures().getFirst().server()).isEqualTo(ahead);
    assertThat(plan.warnings()).isEmpty();
  }

  @Test
  void plan_withReplicasThatLagOrLostTheirPrimary_readsThePrimaryAndSaysWhy() {
    Server lagging = server(2, Role.REPLICA, 990, true, Duration.ofSeconds(60));
    Server cut = server(3, Role.REPLICA, 990, false, Duration.ZERO);

    BackupPlan plan = plan(SourcePolicy.PREFER_REPLICA, lagging, cut);

    assertThat(plan.captures().getFirst().server()).isEqualTo(PRIMARY);
    assertThat(plan.warnings().getFirst()).contains("lags 60s").contains("lost its primary");
  }

  @Test
  void plan_withReplicaAtExactlyTheLagAllowed_readsIt() {
    Server replica = server(2, Role.REPLICA, 990, true, Duration.ofSeconds(10));

    assertThat(plan(SourcePolicy.REPLICA, replica).captures().getFirst().server())
        .isEqualTo(replica);
  }

  @Test
  void plan_forReplicasOnly_withoutHealthyOne_isUnavailable() {
    Server lagging = server(2, Role.REPLICA, 990, true, Duration.ofSeconds(11));

    assertThatThrownBy(() -> plan(SourcePolicy.REPLICA, lagging))
        .isInstanceOf(BackupException.Unavailable.class)
        .hasMessageContaining("lags 11s");
  }

  @Test
  void plan_forThePrimary_readsItWithoutWarning() {
    Server replica = server(2, Role.REPLICA, 1000, true, Duration.ZERO);

    BackupPlan plan = plan(SourcePolicy.PRIMARY, replica);

    assertThat(plan.captures().getFirst().server()).isEqualTo(PRIMARY);
    assertThat(plan.warnings()).isEmpty();
  }

  @Test
  void plan_ofClusterWithUnservedSlots_isUnavailable() {
    Topology topology =
        new Topology(
            Topology.Kind.CLUSTER,
            List.of(new Shard("a", List.of(new SlotRange(0, 8000)), PRIMARY, List.of())),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(new SlotRange(8001, 16383)),
            List.of(),
            List.of());

    assertThatThrownBy(() -> BackupPlanner.plan(request(SourcePolicy.PRIMARY), topology))
        .isInstanceOf(BackupException.Unavailable.class)
        .hasMessageContaining("8001-16383");
  }

  private static BackupPlan plan(SourcePolicy from, Server... replicas) {
    Topology topology =
        new Topology(
            Topology.Kind.STANDALONE,
            List.of(new Shard(Shard.SOLE, List.of(SlotRange.ALL), PRIMARY, List.of(replicas))),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of());
    return BackupPlanner.plan(request(from), topology);
  }

  private static BackupRequest request(SourcePolicy from) {
    return new BackupRequest(
        "default",
        RedisUri.parse("redis://127.0.0.1:7001"),
        ConnectionOptions.DEFAULT,
        from,
        Duration.ofSeconds(10),
        1,
        OptionalLong.empty(),
        Duration.ofMinutes(1),
        false,
        new Incremental(/* full= */ false, /* acceptCollapse= */ false, Path.of("unused")));
  }

  private static Server server(int number, Role role, long offset, boolean linkUp, Duration lag) {
    return new Server(
        new Endpoint("127.0.0.1", 7000 + number),
        Optional.empty(),
        role,
        EngineVersion.parse(EngineVersion.Product.REDIS, "7.0.15"),
        "run" + number,
        "replid",
        Optional.empty(),
        offset,
        linkUp,
        lag,
        OptionalLong.empty());
  }
}
