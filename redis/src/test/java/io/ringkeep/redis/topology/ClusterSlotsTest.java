package io.ringkeep.redis.topology;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.topology.Topology.SlotMove;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Replies as they stand on the wire.
class ClusterSlotsTest {
  private static final String A = "8369bee060a79288860cb2540a57404e5b92bb63";
  private static final String B = "b54ca907c8e3b7e75e12315b436438c09685a0ba";

  private static List<@Nullable Object> reply(@Nullable Object... items) {
    List<@Nullable Object> reply = new ArrayList<>();
    for (Object item : items) {
      reply.add(item instanceof String text ? text.getBytes(UTF_8) : item);
    }
    return reply;
  }

  @Test
  void endpoints_redis62_areAddresses() {
    List<@Nullable Object> slots =
        reply(reply(0L, 5460L, reply("10.0.0.1", 6379L, A), reply("10.0.0.2", 6379L, B)));

    assertThat(ClusterSlots.endpoints(slots, "seed"))
        .containsOnlyKeys(A, B)
        .containsEntry(A, new Endpoint("10.0.0.1", 6379))
        .containsEntry(B, new Endpoint("10.0.0.2", 6379));
  }

  @Test
  void endpoints_hostNamesPreferred_areThoseThatWereSet() {
    List<@Nullable Object> slots =
        reply(
            reply(
                0L,
                5460L,
                reply("shard-1.example.net", 21220L, A, reply("ip", "127.0.0.1")),
                reply("?", 21224L, B, reply("ip", "127.0.0.1"))));

    assertThat(ClusterSlots.endpoints(slots, "seed"))
        .containsOnlyKeys(A)
        .containsEntry(A, new Endpoint("shard-1.example.net", 21220));
  }

  @Test
  void endpoints_unknownPreferred_areTheHostThatWasAsked() {
    List<@Nullable Object> slots =
        reply(
            reply(
                0L,
                5460L,
                reply(null, 21220L, A, reply("ip", "127.0.0.1", "hostname", "shard-1")),
                reply("", 21224L, B, reply())));

    assertThat(ClusterSlots.endpoints(slots, "seed"))
        .containsOnlyKeys(A)
        .containsEntry(A, new Endpoint("seed", 21220));
  }

  @Test
  void migrations_valkey9_areThoseUnderWay() {
    List<@Nullable Object> jobs =
        reply(
            job("EXPORT", "success", "0-500"),
            job("EXPORT", "waiting-to-snapshot", "600-700 800-800"));

    assertThat(AtomicMigrations.parse(jobs))
        .containsExactly(
            new SlotMove(new SlotRange(600, 700), A, B, /* whole= */ true),
            new SlotMove(new SlotRange(800, 800), A, B, /* whole= */ true));
  }

  private static List<@Nullable Object> job(String operation, String state, String ranges) {
    return reply(
        "name",
        "47115739008e59d3d0134dfe81cff220eb9d2720",
        "operation",
        operation,
        "slot_ranges",
        ranges,
        "target_node",
        B,
        "source_node",
        A,
        "create_time",
        1795413680L,
        "state",
        state,
        "message",
        "",
        "cow_size",
        0L);
  }
}
