package io.ringkeep.repository.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.SlotMap.MappedShard;
import io.ringkeep.store.memory.MemoryStore;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Who served which slots, stored and read again.
class SlotMapTest {
  private static final Instant TIME = Instant.parse("2026-11-22T10:00:00.123456Z");

  private static SlotMap map(Instant time, String slots, SlotMap.Move... moves) {
    return new SlotMap(
        SlotMap.FORMAT,
        time.minusSeconds(1),
        time,
        List.of(
            new MappedShard("a", "node-a", "a".repeat(40), List.of("node-a", "node-x"), slots),
            new MappedShard("b", "node-b", "b".repeat(40), List.of("node-b"), "")),
        List.of(moves));
  }

  @Test
  void maps_ofACache_comeBackAsTheyWereInTheOrderOfTheirTimes() throws Exception {
    MemoryStore store = new MemoryStore();
    try (Repository repository =
        Repository.init(store, InitOptions.unencrypted(), Optional.empty(), Clock.systemUTC())) {
      SlotMaps maps = repository.slotMaps("c");
      assertThat(maps.all()).isEmpty();
      assertThat(maps.last()).isEmpty();
      SlotMap first = map(TIME, "0-16383");
      SlotMap later = map(TIME.plusSeconds(60), "0-99", new SlotMap.Move("7", "a", "b"));
      maps.add(first);
      maps.add(later);

      assertThat(maps.all()).containsExactly(first, later);
      assertThat(maps.last()).contains(later);
      assertThat(repository.slotMaps("another").all()).isEmpty();

      String key = store.list("caches/c/slots/").getFirst().key();
      byte[] bytes = new byte[store.read(key).remaining()];
      store.read(key).get(bytes);
      bytes[bytes.length / 2] ^= 1;
      store.delete(key);
      store.put(key, ByteBuffer.wrap(bytes));
      assertThatThrownBy(maps::all).isInstanceOf(CorruptData.class);
    }
  }

  /// The server whose clock was ahead has gone, and another one's tells the time now.
  @Test
  void map_timedByASlowerClock_isTheNewestAllTheSame() throws Exception {
    try (Repository repository =
        Repository.init(
            new MemoryStore(), InitOptions.unencrypted(), Optional.empty(), Clock.systemUTC())) {
      SlotMaps maps = repository.slotMaps("c");
      maps.add(map(TIME.plusSeconds(60), "0-99"));
      maps.add(map(TIME, "0-16383"));

      SlotMap newest = maps.last().orElseThrow();
      assertThat(newest.showsTheSameAs(map(TIME, "0-16383"))).isTrue();
      assertThat(newest.time()).isAfter(TIME.plusSeconds(60));
    }
  }

  @Test
  void twoLooks_atTheSame_differInNothingButTime() {
    SlotMap one = map(TIME, "0-16383");

    assertThat(one.showsTheSameAs(map(TIME.plusSeconds(5), "0-16383"))).isTrue();
    assertThat(one.showsTheSameAs(map(TIME, "0-99"))).isFalse();
    assertThat(one.showsTheSameAs(map(TIME, "0-16383", new SlotMap.Move("7", "a", "b")))).isFalse();
    assertThat(one.shard("a").orElseThrow().serves()).isTrue();
    assertThat(one.shard("b").orElseThrow().serves()).isFalse();
    assertThat(one.shard("c")).isEmpty();
  }
}
