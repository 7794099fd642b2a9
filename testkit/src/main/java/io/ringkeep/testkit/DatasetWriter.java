package io.ringkeep.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.JedisClusterCRC16;

/// Sends the commands of a dataset in batches: to one server, or to the owner of each key's slot.
///
/// A command that a server refuses ends the writing.
final class DatasetWriter implements AutoCloseable {
  private static final int BATCH_COMMANDS = 256;
  private static final int BATCH_BYTES = 1 << 20;

  private final Engine engine;
  private final List<Lane> lanes = new ArrayList<>();

  /// Index of the lane that owns a slot; empty for a single server.
  private final Map<Integer, Integer> laneOfSlot = new HashMap<>();

  DatasetWriter(TestServer server) {
    engine = server.engine();
    lanes.add(new Lane(server));
  }

  DatasetWriter(TestCluster cluster) {
    List<TestServer> primaries = cluster.primaries();
    engine = primaries.getFirst().engine();
    primaries.forEach(primary -> lanes.add(new Lane(primary)));
    for (@Nullable Object range : Raw.list(primaries.getFirst().call("CLUSTER", "SLOTS"))) {
      List<@Nullable Object> parts = Raw.list(range);
      long port = Raw.number(Raw.list(parts.get(2)).get(1));
      for (long slot = Raw.number(parts.get(0)); slot <= Raw.number(parts.get(1)); slot++) {
        for (int i = 0; i < primaries.size(); i++) {
          if (primaries.get(i).port() == port) {
            laneOfSlot.put((int) slot, i);
          }
        }
      }
    }
  }

  Engine engine() {
    return engine;
  }

  boolean isCluster() {
    return !laneOfSlot.isEmpty();
  }

  /// Sends a command about a key, which stands among the words. Words are strings, byte arrays,
  /// numbers, keys, or lists of these.
  void send(DatasetKey key, Object... words) {
    Lane lane =
        isCluster()
            ? lanes.get(laneOfSlot.getOrDefault(JedisClusterCRC16.getSlot(key.name()), 0))
            : lanes.getFirst();
    lane.send(key.database(), encode(List.of(words)));
  }

  /// Sends a command to every server.
  void sendToAll(Object... words) {
    lanes.forEach(lane -> lane.send(lane.database, encode(List.of(words))));
  }

  private static byte[][] encode(List<?> words) {
    List<byte[]> encoded = new ArrayList<>();
    for (Object word : words) {
      addEncoded(word, encoded);
    }
    return encoded.toArray(byte[][]::new);
  }

  private static void addEncoded(Object word, List<byte[]> to) {
    switch (word) {
      case byte[] bytes -> to.add(bytes);
      case DatasetKey key -> to.add(key.name());
      case List<?> list -> list.forEach(item -> addEncoded(item, to));
      default -> to.add(Raw.bytes(word.toString()));
    }
  }

  /// Sends what is left and waits for all replies.
  @Override
  public void close() {
    try {
      lanes.forEach(Lane::flush);
    } finally {
      lanes.forEach(lane -> lane.jedis.close());
    }
  }

  /// One server's connection and the commands on their way to it.
  private static final class Lane {
    private final TestServer server;
    private final Jedis jedis;
    private final Pipeline pipeline;
    private final List<String> commands = new ArrayList<>();
    private int database;
    private int bytes;

    Lane(TestServer server) {
      this.server = server;
      this.jedis = server.client();
      this.pipeline = jedis.pipelined();
    }

    void send(int wantedDatabase, byte[][] words) {
      if (wantedDatabase != database) {
        database = wantedDatabase;
        add(Raw.bytes("SELECT", Integer.toString(database)));
      }
      add(words);
      if (commands.size() >= BATCH_COMMANDS || bytes >= BATCH_BYTES) {
        flush();
      }
    }

    private void add(byte[][] words) {
      byte[][] arguments = new byte[words.length - 1][];
      System.arraycopy(words, 1, arguments, 0, arguments.length);
      pipeline.sendCommand(() -> words[0], arguments);
      commands.add(Raw.escape(words[0]) + (words.length > 1 ? " " + shorten(words[1]) : ""));
      for (byte[] word : words) {
        bytes += word.length;
      }
    }

    private static String shorten(byte[] word) {
      String text = Raw.escape(word);
      return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    void flush() {
      List<Object> replies = pipeline.syncAndReturnAll();
      for (int i = 0; i < replies.size(); i++) {
        if (replies.get(i) instanceof JedisDataException error) {
          throw new EngineException(
              "dataset refused: server=%s command=%s".formatted(server, commands.get(i)), error);
        }
      }
      commands.clear();
      bytes = 0;
    }
  }
}
