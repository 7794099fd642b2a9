package io.ringkeep.redis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.rdb.RdbItem;
import io.ringkeep.redis.rdb.RdbReader;
import io.ringkeep.redis.replication.PsyncReply;
import io.ringkeep.redis.replication.PsyncReply.Continue;
import io.ringkeep.redis.replication.PsyncReply.FullResync;
import io.ringkeep.redis.replication.ReplicaLink;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/// The streams of real servers, cut into commands, and links that go on where an earlier one broke.
class CommandStreamIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<StreamCommand> commands = new ArrayList<>();

  private static ReplicaLink link(TestServer server) {
    return ReplicaLink.open(
        Endpoint.parse(server.address(), 6379),
        ConnectionOptions.DEFAULT,
        ReplicaLink.Options.ARCHIVE);
  }

  /// What comes up to a command that says `last`.
  private StreamCutter read(ReplicaLink link, StreamCutter cutter, String last) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 16);
    boolean[] seen = {false};
    while (!seen[0]) {
      link.readCommands(bytes.clear());
      cutter.feed(
          bytes.flip(),
          command -> {
            commands.add(command);
            seen[0] |= command.kept().contains(last);
            return true;
          });
    }
    return cutter;
  }

  private static StreamCutter cutter(long offset, int database) {
    return new StreamCutter(offset, database, /* insideTransaction= */ false, 8);
  }

  /// Reads an RDB to its end.
  ///
  /// @return database that the stream behind it begins in; the number of keys is added to `keys`
  private static int readRdb(ReplicaLink link, List<String> keys) throws IOException {
    int database = 0;
    try (RdbReader reader = new RdbReader(link.rdb())) {
      while (true) {
        switch (reader.next()) {
          case RdbItem.Entry(io.ringkeep.model.Record record) ->
              keys.add(StandardCharsets.ISO_8859_1.decode(record.key()).toString());
          case RdbItem.Aux(String name, ByteBuffer value) when name.equals("repl-stream-db") ->
              database =
                  Integer.parseInt(
                      StandardCharsets.ISO_8859_1.decode(value.duplicate()).toString());
          case RdbItem.End end -> {
            return database;
          }
          default -> {
            // Nothing of interest.
          }
        }
      }
    }
  }

  private static long offset(TestServer server) {
    return Long.parseLong(server.info("replication").get("master_repl_offset"));
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void stream_ofEachEngine_isCutAtItsCommandsAndResumedExactly(Engine engine) throws IOException {
    try (TestServer server = TestServer.start(engine)) {
      server.call("SET", "before", "1");
      StreamCutter cutter;
      String replid;
      try (ReplicaLink link = link(server)) {
        FullResync full = link.fullResync(PATIENCE);
        List<String> keys = new ArrayList<>();
        int database = readRdb(link, keys);
        assertThat(keys).hasSize(engine.hasFunctions() ? 0 : 1);
        replid = full.replid();
        cutter = cutter(full.offset(), database);
        link.acknowledge(full.offset());
        try (Jedis client = server.client()) {
          Raw.call(client, "SELECT", "3");
          Raw.call(client, "MULTI");
          Raw.call(client, "SET", "in", "three");
          Raw.call(client, "SELECT", "5");
          Raw.call(client, "RPUSH", "list", "a", "b");
          Raw.call(client, "EXEC");
          Raw.call(client, "EVAL", "redis.call('SET','x',1); redis.call('SET','y',2)", "0");
          Raw.call(client, "SET", "last", "one");
        }
        read(link, cutter, "last");
        assertThat(cutter.commandEnd()).isEqualTo(link.offset()).isEqualTo(offset(server));
        assertThat(cutter.database()).isEqualTo(5);
      }
      assertThat(commands)
          .filteredOn(StreamCommand::changesData)
          .extracting(StreamCommand::database)
          .containsExactly(3, 5, 5, 5, 5);
      assertThat(commands)
          .filteredOn(command -> command.name().equals("SET") || command.name().equals("RPUSH"))
          .extracting(StreamCommand::insideTransaction)
          .containsExactly(true, true, true, true, false);

      server.call("SET", "while", "away");
      commands.clear();
      try (ReplicaLink link = link(server)) {
        assertThat(link.resume(replid, cutter.commandEnd(), PATIENCE))
            .isEqualTo(new Continue(replid));
        server.call("SET", "again", "here");
        read(link, cutter, "again");
        assertThat(link.offset()).isEqualTo(cutter.commandEnd()).isEqualTo(offset(server));
      }
      assertThat(commands)
          .filteredOn(StreamCommand::changesData)
          .extracting(command -> command.kept().get(1))
          .containsExactly("while", "again");
      try (ReplicaLink link = link(server)) {
        assertThat(link.resume("f".repeat(40), cutter.commandEnd(), PATIENCE))
            .isInstanceOf(FullResync.class);
      }
    }
  }

  /// A replica passes its primary's bytes on, without a `SELECT` of its own; after its promotion it
  /// goes on for whoever has no more than it had.
  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void stream_ofAReplica_beginsInItsDatabaseAndOutlivesAFailover(Engine engine) throws IOException {
    try (TestServer primary = TestServer.start(engine);
        TestServer replica = TestServer.builder(engine).replicaOf(primary).start();
        Jedis client = primary.client()) {
      Raw.call(client, "SELECT", "3");
      Raw.call(client, "SET", "first", "1");
      primary.awaitReplicas(1);
      StreamCutter cutter;
      String replid;
      try (ReplicaLink link = link(replica)) {
        FullResync full = link.fullResync(PATIENCE);
        replid = full.replid();
        cutter = cutter(full.offset(), readRdb(link, new ArrayList<>()));
        link.acknowledge(full.offset());
        Raw.call(client, "SET", "second", "2");
        read(link, cutter, "second");
        assertThat(commands.getLast().database()).isEqualTo(3);
        assertThat(commands).extracting(StreamCommand::name).doesNotContain("SELECT");
      }
      long reached = cutter.commandEnd();
      primary.kill();
      replica.call("REPLICAOF", "NO", "ONE");
      try (ReplicaLink link = link(replica)) {
        PsyncReply reply = link.resume(replid, reached, PATIENCE);
        String promoted = String.valueOf(replica.info("replication").get("master_replid"));
        assertThat(promoted).isNotEqualTo(replid);
        assertThat(reply).isEqualTo(new Continue(promoted));
        replica.call("SET", "third", "3");
        read(link, cutter, "third");
        assertThat(commands.getLast().database()).isZero();
      }
      // Somebody who had received more of the old history than the new primary.
      try (ReplicaLink link = link(replica)) {
        assertThat(link.resume(replid, cutter.commandEnd(), PATIENCE))
            .isInstanceOf(FullResync.class);
      }
    }
  }
}
