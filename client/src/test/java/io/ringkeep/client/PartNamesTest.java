package io.ringkeep.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.Slot;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;

/// Where parts lie in clusters of odd shapes.
class PartNamesTest {
  private static final int BACKUPS = 50;
  private static final int NOBODY = -1;

  /// A cluster whose slots belong to whom a function says.
  private record Shares(Pools pools, List<Primary> primaries, IntUnaryOperator ownerOfSlot)
      implements Routing {
    static Shares of(int count, IntUnaryOperator ownerOfSlot) {
      Pools pools = new Pools(CacheLogin.DEFAULT);
      List<Primary> primaries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        primaries.add(pools.primary("node%03d".formatted(i), new HostAndPort("host" + i, 6379)));
      }
      return new Shares(pools, primaries, ownerOfSlot);
    }

    @Override
    public Primary owner(byte[] key) {
      int owner = ownerOfSlot.applyAsInt(Slot.of(ByteBuffer.wrap(key)));
      if (owner == NOBODY) {
        throw new Unavailable("no primary serves the key's slot", "give it to one", null);
      }
      return primaries.get(owner);
    }

    @Override
    public Primary at(String host, int port) {
      throw new AssertionError("nobody redirects");
    }

    @Override
    public boolean spreads() {
      return true;
    }

    @Override
    public void refresh() {}

    @Override
    public void close() {
      pools.close();
    }
  }

  private static byte[] backupKey(int number) {
    return ("b" + number).getBytes(StandardCharsets.UTF_8);
  }

  private static void expectFindable(Shares cluster, int count) {
    for (int backup = 0; backup < BACKUPS; backup++) {
      List<byte[]> names =
          new PartNames(cluster).choose(backupKey(backup), count, Optional.empty());
      assertThat(names).hasSize(count);
      Set<Primary> homes = new HashSet<>();
      Set<String> searched = new HashSet<>();
      for (byte[] name : PartNames.copyNames(backupKey(backup))) {
        searched.add(Text.show(name));
      }
      for (byte[] name : names) {
        homes.add(cluster.owner(name));
      }
      assertThat(homes).hasSize(count);
      assertThat(names.subList(1, count)).extracting(Text::show).isSubsetOf(searched);
    }
  }

  @Test
  void choose_primaryWithASlotOrTwo_takesTheOthers() {
    try (Shares cluster = Shares.of(4, slot -> slot < 2 ? 3 : slot % 3)) {
      expectFindable(cluster, 3);
    }
  }

  @Test
  void choose_twoHundredPrimaries_namesWhatIsSearched() {
    try (Shares cluster = Shares.of(200, slot -> slot % 200)) {
      expectFindable(cluster, 3);
      expectFindable(cluster, 100);
    }
  }

  @Test
  void choose_slotsThatNobodyServes_takesOtherNames() {
    try (Shares cluster = Shares.of(4, slot -> slot % 5 == 4 ? NOBODY : slot % 5)) {
      for (int backup = 0; backup < BACKUPS; backup++) {
        if (Slot.of(ByteBuffer.wrap(backupKey(backup))) % 5 != 4) {
          assertThat(new PartNames(cluster).choose(backupKey(backup), 4, Optional.empty()))
              .hasSize(4);
        }
      }
    }
  }

  /// What was written before is what is chosen now.
  @Test
  void choose_primariesOfEqualShare_namesTheHighestDraws() {
    try (Shares cluster = Shares.of(6, slot -> slot % 6)) {
      assertThat(
              new PartNames(cluster)
                  .choose(backupKey(0), 4, Optional.empty()).stream().map(Text::show))
          .containsExactly(
              "b0",
              "ringkeep:{593ee6ceca256adf-22}:b0",
              "ringkeep:{593ee6ceca256adf-8}:b0",
              "ringkeep:{593ee6ceca256adf-1}:b0");
      assertThat(
              new PartNames(cluster)
                  .choose(backupKey(7), 3, Optional.of(123L)).stream().map(Text::show))
          .containsExactly(
              "b7",
              "ringkeep:{35af2a8672e24835-13}:123:b7",
              "ringkeep:{35af2a8672e24835-2}:123:b7");
    }
  }
}
