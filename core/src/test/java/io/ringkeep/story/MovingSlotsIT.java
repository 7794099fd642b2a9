package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.backup.BackupResult;
import io.ringkeep.model.Slot;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/// A cluster that is resharded while it is backed up.
class MovingSlotsIT {
  private static final String KEY = "cart:42";

  @Test
  void backup_whileSlotMoves_takesBothSidesAndTheImportingOneWins() throws Exception {
    int slot = Slot.of(ByteBuffer.wrap(KEY.getBytes(StandardCharsets.UTF_8)));
    try (TestCluster cluster = TestCluster.start(Engines.redis70(), 3);
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      TestServer from = cluster.owner(slot);
      TestServer to =
          cluster.primaries().stream().filter(server -> server != from).findFirst().orElseThrow();
      try (Jedis source = from.client();
          Jedis importing = to.client()) {
        source.set(KEY, "before the move");
        source.set("{" + KEY + "}:stays", "still at home");
        String number = Integer.toString(slot);
        Raw.call(importing, "CLUSTER", "SETSLOT", number, "IMPORTING", TestCluster.id(from));
        Raw.call(source, "CLUSTER", "SETSLOT", number, "MIGRATING", TestCluster.id(to));
        Raw.call(importing, "ASKING");
        Raw.call(importing, "SET", KEY, "after the move");
      }

      BackupResult backup = story.backup(cluster.uri());
      story.restore(target.uri());

      assertThat(backup.manifest().records()).isEqualTo(2);
      assertThat(backup.warnings()).anyMatch(line -> line.contains(Integer.toString(slot)));
      assertThat(target.text("GET", KEY)).isEqualTo("after the move");
      assertThat(target.text("GET", "{" + KEY + "}:stays")).isEqualTo("still at home");
    }
  }
}
