package io.ringkeep.redis.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.Endpoint;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SightingTest {
  private static final Endpoint ASKED = new Endpoint("cache", 6379);
  private static final String OURS = "6420c409be955b917466dec20d54311c6ca1ebfe";

  private static Sighting parse(String... fieldsAndValues) {
    Map<String, String> info = new HashMap<>();
    info.put("redis_version", "7.0.15");
    info.put("redis_mode", "standalone");
    info.put("run_id", "524eb87703c3e6c7b6dd25c8303edf595425aaca");
    info.put("master_replid", OURS);
    info.put("master_replid2", "0".repeat(40));
    for (int i = 0; i < fieldsAndValues.length; i += 2) {
      info.put(fieldsAndValues[i], fieldsAndValues[i + 1]);
    }
    return Sighting.parse(ASKED, Optional.empty(), info);
  }

  private static Sighting replica(String... fieldsAndValues) {
    Map<String, String> info = new HashMap<>(Map.of("role", "slave", "slave_repl_offset", "490"));
    for (int i = 0; i < fieldsAndValues.length; i += 2) {
      info.put(fieldsAndValues[i], fieldsAndValues[i + 1]);
    }
    return parse(
        info.entrySet().stream()
            .flatMap(field -> Stream.of(field.getKey(), field.getValue()))
            .toArray(String[]::new));
  }

  @Test
  void parse_primary_readsOffsetAndConnectedReplicas() {
    Sighting sighting =
        parse(
            "role", "master",
            "master_repl_offset", "490",
            "slave0", "ip=10.0.0.2,port=6379,state=online,offset=490,lag=0",
            "slave1", "ip=fe80::1,port=7000,state=online,offset=490,lag=1,type=replica",
            "slave2", "ip=10.0.0.9,port=0,state=send_bulk,offset=0,lag=0",
            "slave3", "ip=10.0.0.8,port=65536,state=online,offset=0,lag=0",
            "slave_read_only", "1");

    assertThat(sighting.server().role()).isEqualTo(Role.PRIMARY);
    assertThat(sighting.server().replid()).isEqualTo(OURS);
    assertThat(sighting.server().replid2()).isEmpty();
    assertThat(sighting.server().offset()).isEqualTo(490);
    assertThat(sighting.server().linkUp()).isTrue();
    assertThat(sighting.server().lag()).isEqualTo(Duration.ZERO);
    assertThat(sighting.replicas())
        .containsExactlyInAnyOrder(new Endpoint("10.0.0.2", 6379), new Endpoint("fe80::1", 7000));
  }

  @Test
  void goesOnFrom_whatItsBacklogHas_only() {
    Server fresh =
        replica("repl_backlog_active", "1", "repl_backlog_first_byte_offset", "401").server();
    assertThat(fresh.goesOnFrom(OURS, 399)).isFalse();
    assertThat(fresh.goesOnFrom(OURS, 400)).isTrue();
    assertThat(fresh.goesOnFrom(OURS, 490)).isTrue();
    assertThat(fresh.goesOnFrom(OURS, 491)).isFalse();
    assertThat(fresh.goesOnFrom("0".repeat(40), 400)).isFalse();
    Server without =
        replica("repl_backlog_active", "0", "repl_backlog_first_byte_offset", "0").server();
    assertThat(without.goesOnFrom(OURS, 490)).isFalse();
  }

  @Test
  void parse_replica_readsItsPrimaryAndOwnOffset() {
    Sighting sighting =
        replica(
            "master_host", "10.0.0.1",
            "master_port", "6379",
            "master_link_status", "up",
            "master_last_io_seconds_ago", "3",
            "master_replid2", "1111111111111111111111111111111111111111",
            "master_repl_offset", "500");

    assertThat(sighting.primary()).contains(new Endpoint("10.0.0.1", 6379));
    assertThat(sighting.server().offset()).isEqualTo(490);
    assertThat(sighting.server().linkUp()).isTrue();
    assertThat(sighting.server().lag()).isEqualTo(Duration.ofSeconds(3));
    assertThat(sighting.server().replid2()).contains("1111111111111111111111111111111111111111");
  }

  @Test
  void parse_replicaWithoutLink_saysSinceWhen() {
    assertThat(
            replica("master_link_status", "down", "master_link_down_since_seconds", "42").server())
        .satisfies(server -> assertThat(server.linkUp()).isFalse())
        .satisfies(server -> assertThat(server.lag()).isEqualTo(Duration.ofSeconds(42)));
    assertThat(
            replica("master_link_status", "down", "master_link_down_since_seconds", "-1")
                .server()
                .lag())
        .isEqualTo(ChronoUnit.FOREVER.getDuration());
  }

  @Test
  void parse_primaryLoading_isUnavailable() {
    assertThatThrownBy(() -> parse("role", "master", "loading", "1"))
        .isInstanceOf(Unavailable.class)
        .hasMessage("server is loading its dataset: server=cache:6379");
  }

  @ParameterizedTest
  @CsvSource({
    "500, true, 9, 0", // holds what its primary held
    "499, true, 0, 1", // behind, and heard of it just now
    "499, true, 7, 7", // behind, and waiting
    "500, false, 9, 9" // another history: offsets tell nothing
  })
  void judgeLag_offsetAndSilence_decide(
      long offset, boolean sameHistory, long silentSeconds, long lagSeconds) {
    Server primary = parse("role", "master", "master_repl_offset", "500").server();
    Server replica =
        replica(
                "master_link_status",
                "up",
                "master_last_io_seconds_ago",
                Long.toString(silentSeconds),
                "slave_repl_offset",
                Long.toString(offset),
                "master_replid",
                sameHistory ? OURS : "f".repeat(40))
            .server();

    assertThat(Look.judgeLag(replica, primary).lag()).isEqualTo(Duration.ofSeconds(lagSeconds));
  }
}
