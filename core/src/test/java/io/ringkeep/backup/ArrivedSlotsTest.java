package io.ringkeep.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.backup.ArrivedSlots.Read;
import io.ringkeep.capture.FullRead;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.topology.Role;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.redis.topology.Topology.SlotMove;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ArrivedSlotsTest {
  private static final long WRITTEN = 100;
  private static final BitSet NONE = new BitSet();
  private static final Shard A = shard("a", "0-9");
  private static final Shard B = shard("b", "10-19");
  private static final Shard A_LATER = shard("a", "0-3");
  private static final Shard B_LATER = shard("b", "4-19");

  private final ArrivedSlots arrived = new ArrivedSlots();

  private static Shard shard(String id, String slots) {
    return shard(id, slots, "valkey 9.1.2");
  }

  private static Shard shard(String id, String slots, String engine) {
    Server primary =
        new Server(
            new Endpoint("127.0.0.1", 1),
            Optional.of(id),
            Role.PRIMARY,
            EngineVersion.named(engine),
            id,
            "history of " + id,
            Optional.empty(),
            WRITTEN,
            /* linkUp= */ true,
            Duration.ZERO,
            OptionalLong.empty());
    return new Shard(id, List.of(SlotRange.parse(slots)), primary, List.of());
  }

  private static Topology topology(Shard one, Shard other, SlotMove... moves) {
    return new Topology(
        Topology.Kind.CLUSTER,
        List.of(one, other),
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        List.of(moves),
        List.of());
  }

  private static SlotMove move(String slots, boolean whole) {
    return new SlotMove(SlotRange.parse(slots), "a", "b", whole);
  }

  private static Read read(Shard shard, long offset, SlotRange... arriving) {
    return new Read(
        shard,
        new FullRead.Dataset(
            "history of " + shard.id(),
            offset,
            Instant.EPOCH,
            Instant.EPOCH,
            Instant.EPOCH,
            RdbVersion.valkey(80),
            Map.of(),
            List.of(),
            Map.of(),
            List.of(arriving),
            /* records= */ 0,
            /* bytes= */ 0));
  }

  private static BitSet slots(int... slots) {
    BitSet set = new BitSet();
    IntStream.of(slots).forEach(set::set);
    return set;
  }

  @Test
  void slots_thatMovedAsAWhole_countOnTheirOwnerAlone() {
    BitSet moved = slots(4, 5, 6, 7, 8);
    Topology before = topology(A, B, move("4-5", /* whole= */ true), move("7", /* whole= */ false));
    // Of 6 the RDB of its next owner has told, 8 moves on by itself.
    List<Read> reads =
        List.of(read(A, WRITTEN), read(B, WRITTEN, SlotRange.parse("6"), SlotRange.parse("8")));
    arrived.takeFrom(
        moved, before, reads, topology(A_LATER, B_LATER, move("8", /* whole= */ false)));

    assertThat(moved).isEqualTo(slots(7, 8));
    assertThat(arrived.andMoving(before, List.of(), topology(A_LATER, B_LATER)))
        .isEqualTo(slots(4, 5, 6));
    assertThat(new ArrivedSlots().andMoving(topology(A, B), reads, before))
        .isEqualTo(slots(4, 5, 6, 8));
    assertThat(IntStream.range(0, 20).filter(slot -> arrived.areElsewhere(A_LATER, slot)))
        .containsExactly(4, 5, 6);
    assertThat(IntStream.range(0, 20).filter(slot -> arrived.areElsewhere(B_LATER, slot)))
        .isEmpty();

    // What moves once more by itself counts on both sides again.
    BitSet again = slots(5);
    arrived.takeFrom(again, topology(A_LATER, B_LATER), List.of(), topology(A, B));
    assertThat(again).isEqualTo(slots(5));
    assertThat(arrived.areElsewhere(B, 5)).isFalse();
    arrived.takeFrom(
        slots(),
        topology(A_LATER, B_LATER),
        List.of(),
        topology(A_LATER, B_LATER, move("4", /* whole= */ false)));
    assertThat(arrived.areElsewhere(A_LATER, 4)).isFalse();
    assertThat(arrived.areElsewhere(A_LATER, 6)).isTrue();
  }

  @Test
  void read_ofAReplicaThatIsBehind_missesWhatItsPrimaryOwns() {
    SlotRange six = SlotRange.parse("6");
    // It has not heard yet that they have arrived.
    assertThat(arrived.missedIn(List.of(read(A_LATER, WRITTEN), read(B_LATER, 90, six)), NONE))
        .isEqualTo(slots(6));
    // They are on their way, and count where they were.
    assertThat(arrived.missedIn(List.of(read(A, WRITTEN), read(B, 90, six)), NONE))
        .isEqualTo(slots());

    arrived.takeFrom(
        slots(6), topology(A, B), List.of(read(B, 90, six)), topology(A_LATER, B_LATER));
    // It may not even have heard that they are to come.
    assertThat(arrived.missedIn(List.of(read(A_LATER, 10), read(B_LATER, 90)), NONE))
        .isEqualTo(slots(6));
    assertThat(arrived.missedIn(List.of(read(A_LATER, 10), read(B_LATER, WRITTEN)), NONE))
        .isEqualTo(slots());
    // Nobody can say what of the shard's history a replica of another one has.
    Read ofAnother = new Read(B_LATER, read(A, WRITTEN).dataset());
    assertThat(arrived.missedIn(List.of(ofAnother), NONE)).isEqualTo(slots(6));
    // What moved by itself may be missing just so.
    assertThat(arrived.missedIn(List.of(read(B_LATER, 90)), slots(3, 7))).isEqualTo(slots(6, 7));
    assertThat(arrived.missedIn(List.of(read(B_LATER, WRITTEN)), slots(3, 7))).isEqualTo(slots());
  }

  @Test
  void slots_thatChangedOwner_mayHaveMovedAsAWholeUnlessTheyWereSeenToMoveByThemselves() {
    Topology after = topology(A_LATER, B_LATER);
    Topology before = topology(A, B, move("5", /* whole= */ false), move("7", /* whole= */ true));
    assertThat(arrived.changedAsAWhole(before, List.of(), after)).isEqualTo(slots(4, 6, 7, 8, 9));
    assertThat(arrived.changedAsAWhole(before, List.of(), before)).isEqualTo(slots());

    // Before Valkey 9 there is nothing but what is told.
    Topology older =
        topology(shard("a", "0-3", "redis 7.0.15"), shard("b", "4-19", "redis 7.0.15"));
    assertThat(arrived.changedAsAWhole(before, List.of(), older)).isEqualTo(slots(7));
  }

  @Test
  void slots_missedOnceMore_stayWithTheirOwner() {
    Topology settled = topology(A_LATER, B_LATER);
    arrived.takeFrom(slots(6), topology(A, B, move("6", /* whole= */ true)), List.of(), settled);

    BitSet missed = arrived.missedIn(List.of(read(A_LATER, WRITTEN), read(B_LATER, 90)), NONE);
    assertThat(missed).isEqualTo(slots(6));
    // Neither topology tells of the move any more, and the replica has not heard of it yet.
    arrived.takeFrom(missed, settled, List.of(read(B_LATER, 90)), settled);
    assertThat(missed).isEqualTo(slots());
    assertThat(arrived.areElsewhere(A_LATER, 6)).isTrue();
  }
}
