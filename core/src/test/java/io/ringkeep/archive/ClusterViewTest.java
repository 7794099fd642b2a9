package io.ringkeep.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.Incremental;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.topology.Role;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.log.SlotMap;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// Which log a shard's stream goes to, whoever is its primary.
class ClusterViewTest {
  private static final SlotRange LOW = SlotRange.parse("0-8191");
  private static final SlotRange HIGH = SlotRange.parse("8192-16383");

  private static final BackupRequest REQUEST =
      new BackupRequest(
          "default",
          RedisUri.parse("redis://127.0.0.1:1"),
          ConnectionOptions.DEFAULT,
          SourcePolicy.PREFER_REPLICA,
          Duration.ofSeconds(10),
          1,
          OptionalLong.empty(),
          Duration.ofMinutes(1),
          /* adopt= */ false,
          new Incremental(/* full= */ false, /* acceptCollapse= */ false, Path.of("unused")));

  private static Server server(String id, Role role) {
    return new Server(
        new Endpoint("127.0.0.1", 1_000 + Math.floorMod(id.hashCode(), 1_000)),
        Optional.of(id),
        role,
        EngineVersion.parse(EngineVersion.Product.REDIS, "7.0.15"),
        "run of " + id,
        "replid of " + id,
        Optional.empty(),
        0,
        /* linkUp= */ true,
        Duration.ZERO,
        OptionalLong.empty());
  }

  private static Shard shard(SlotRange slots, String primary, String... replicas) {
    return new Shard(
        primary,
        List.of(slots),
        server(primary, Role.PRIMARY),
        Arrays.stream(replicas).map(id -> server(id, Role.REPLICA)).toList());
  }

  private static Topology cluster(List<Shard> shards, List<Server> idle, Topology.SlotMove... on) {
    return new Topology(
        Topology.Kind.CLUSTER,
        shards,
        idle,
        List.of(),
        Optional.empty(),
        List.of(),
        List.of(on),
        List.of());
  }

  private static Topology cluster(Shard... shards) {
    return cluster(List.of(shards), List.of());
  }

  private static String primary(ClusterView view, String log) {
    Shard shard = view.shards().get(log);
    return shard == null ? "none" : shard.id();
  }

  @Test
  void shard_afterAFailover_keepsItsLog() {
    ClusterView view = new ClusterView(REQUEST, Optional.empty());
    view.take(cluster(shard(LOW, "a", "a2"), shard(HIGH, "b", "b2")));
    view.take(cluster(shard(LOW, "a2"), shard(HIGH, "b", "b2")));

    assertThat(view.shards().keySet()).containsExactlyInAnyOrder("a", "b");
    assertThat(primary(view, "a")).isEqualTo("a2");

    // The old one is a replica now, and becomes the primary again.
    view.take(cluster(shard(LOW, "a2", "a"), shard(HIGH, "b", "b2")));
    view.take(cluster(shard(LOW, "a", "a2"), shard(HIGH, "b", "b2")));
    assertThat(primary(view, "a")).isEqualTo("a");
  }

  /// Both had it as a member once: the one whose primary it is has it.
  @Test
  void shard_whoseReplicaWentToAnother_isNotTakenForIt() {
    ClusterView view = new ClusterView(REQUEST, Optional.empty());
    view.take(cluster(shard(LOW, "a", "x"), shard(HIGH, "b")));
    view.take(cluster(shard(LOW, "a"), shard(HIGH, "b", "x")));
    view.take(cluster(shard(LOW, "a"), shard(HIGH, "x", "b")));

    assertThat(primary(view, "a")).isEqualTo("a");
    assertThat(primary(view, "b")).isEqualTo("x");
  }

  @Test
  void primary_withoutSlots_isAShardOfItsOwn() {
    ClusterView view = new ClusterView(REQUEST, Optional.empty());
    view.take(
        cluster(List.of(shard(LOW, "a"), shard(HIGH, "b")), List.of(server("new", Role.PRIMARY))));

    assertThat(view.shards().keySet()).containsExactlyInAnyOrder("a", "b", "new");
    assertThat(Optional.ofNullable(view.shards().get("new")).orElseThrow().slots()).isEmpty();
  }

  /// The old primary comes back as one of its own, without slots, while its shard's log has its id.
  @Test
  void primary_thatLeftAShardNamedByIt_getsAnotherName() {
    ClusterView view = new ClusterView(REQUEST, Optional.empty());
    view.take(cluster(shard(LOW, "a", "a2"), shard(HIGH, "b")));
    view.take(cluster(shard(LOW, "a2"), shard(HIGH, "b")));
    Topology alone =
        cluster(List.of(shard(LOW, "a2"), shard(HIGH, "b")), List.of(server("a", Role.PRIMARY)));
    for (int look = 0; look < 2; look++) {
      view.take(alone);
      assertThat(view.shards().keySet()).containsExactlyInAnyOrder("a", "a-2", "b");
      assertThat(primary(view, "a")).isEqualTo("a2");
      assertThat(primary(view, "a-2")).isEqualTo("a");
    }
  }

  /// So it is when nobody has looked meanwhile.
  @Test
  void primary_thatLeftItsShardWhileNobodyLooked_getsAnotherName() {
    ClusterView view = new ClusterView(REQUEST, Optional.empty());
    view.take(cluster(shard(LOW, "a", "a2"), shard(HIGH, "b")));
    view.take(
        cluster(List.of(shard(LOW, "a2"), shard(HIGH, "b")), List.of(server("a", Role.PRIMARY))));
    assertThat(primary(view, "a")).isEqualTo("a2");
    assertThat(primary(view, "a-2")).isEqualTo("a");
  }

  /// One that is gone, or hangs, is not asked first at each look.
  @Test
  void seeds_afterALook_areThoseThatAnsweredAndThenThoseNamed() {
    ClusterView view = new ClusterView(REQUEST, Optional.empty());
    Endpoint named = new Endpoint("127.0.0.1", 1);
    assertThat(view.seeds()).containsExactly(named);
    view.take(cluster(shard(LOW, "a", "a2"), shard(HIGH, "b")));
    view.take(cluster(shard(LOW, "a2"), shard(HIGH, "b")));
    assertThat(view.seeds())
        .containsExactly(
            server("a2", Role.PRIMARY).endpoint(), server("b", Role.PRIMARY).endpoint(), named);
  }

  @Test
  void map_ofALook_namesLogsAndMoves() {
    ClusterView view = new ClusterView(REQUEST, Optional.empty());
    view.take(cluster(shard(LOW, "a", "a2"), shard(HIGH, "b")));
    Topology later =
        cluster(
            List.of(shard(LOW, "a2"), shard(HIGH, "b")),
            List.of(),
            new Topology.SlotMove(SlotRange.parse("5-6"), "a2", "b"),
            new Topology.SlotMove(SlotRange.parse("7"), "a2", "somebody unknown"));
    view.take(later);

    SlotMap map = view.map(later, 1_000_000, 2_000_001);

    assertThat(map.since().toString()).isEqualTo("1970-01-01T00:00:01Z");
    assertThat(map.time().toString()).isEqualTo("1970-01-01T00:00:02.000001Z");
    assertThat(map.shard("a").orElseThrow().node()).isEqualTo("a2");
    assertThat(map.shard("a").orElseThrow().slots()).isEqualTo("0-8191");
    assertThat(map.moves()).containsExactly(new SlotMap.Move("5-6", "a", "b"));
  }

  /// An archiver that starts after a failover knows the shards by what was stored before.
  @Test
  void shard_thatFailedOverWhileNobodyLooked_isKnownByTheStoredMap() {
    ClusterView before = new ClusterView(REQUEST, Optional.empty());
    Topology seen = cluster(shard(LOW, "a", "a2"), shard(HIGH, "b", "b2"));
    before.take(seen);

    ClusterView view = new ClusterView(REQUEST, Optional.of(before.map(seen, 0, 1)));
    view.take(cluster(shard(LOW, "a2"), shard(HIGH, "b2", "b")));

    assertThat(primary(view, "a")).isEqualTo("a2");
    assertThat(primary(view, "b")).isEqualTo("b2");
  }
}
