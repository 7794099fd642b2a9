package io.ringkeep.bench;

import io.ringkeep.model.Slot;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/// Datasets that the formulas of `advise` were not fitted to; the same seed always writes the same.
enum AdvisedData {
  /// Hashes of six fields that expire.
  SESSIONS("hashes of six fields that expire", 1_200_000, 1) {
    @Override
    void write(CommandFeed feed, String key, Random random) throws IOException {
      feed.command(
          "HSET",
          key,
          "user",
          "u" + random.nextInt(5_000_000),
          "token",
          letters(random, 32),
          "agent",
          WORDS.get(random.nextInt(WORDS.size())) + "/" + random.nextInt(120),
          "from",
          random.nextInt(256) + "." + random.nextInt(256) + ".0.1",
          "visits",
          Integer.toString(random.nextInt(1000)),
          "cart",
          letters(random, random.nextInt(60)));
      feed.command("EXPIRE", key, Integer.toString(86_400 + random.nextInt(86_400)));
    }
  },
  /// Text of one to three KiB.
  DOCUMENTS("texts of 1 to 3 KiB", 250_000, 1) {
    @Override
    void write(CommandFeed feed, String key, Random random) throws IOException {
      int bytes = 1024 + random.nextInt(2048);
      StringBuilder text = new StringBuilder(bytes + 16);
      while (text.length() < bytes) {
        text.append(WORDS.get(random.nextInt(WORDS.size()))).append(' ');
        if (random.nextInt(6) == 0) {
          text.append(random.nextInt(100_000)).append(' ');
        }
      }
      feed.command("SET", key, text.toString());
    }
  },
  /// Sorted sets beside counters, on three primaries.
  FEEDS("sorted sets of 5 to 60 members, and counters, on three primaries", 900_000, 3) {
    @Override
    void write(CommandFeed feed, String key, Random random) throws IOException {
      if (random.nextInt(3) > 0) {
        feed.command("SET", key, Integer.toString(random.nextInt()));
        return;
      }
      int members = 5 + random.nextInt(56);
      String[] words = new String[2 + 2 * members];
      words[0] = "ZADD";
      words[1] = key;
      for (int i = 0; i < members; i++) {
        words[2 + 2 * i] = Long.toString(1_700_000_000_000L + random.nextInt(1_000_000_000));
        words[3 + 2 * i] = "post:" + random.nextInt(100_000_000);
      }
      feed.command(words);
    }
  };

  private static final List<String> WORDS =
      ("the of and a to in is you that it he was for on are as with his they at be this have from or one had by word but"
              + " not what all were we when your can said there use an each which she do how their if will up other about"
              + " out many then them these so some her would make like him into time has look two more write go see"
              + " number no way could people my than first water been call who oil its now find long down day did get"
              + " come made may part")
          .transform(words -> List.of(words.split(" ", -1)));

  private final String description;
  private final long keys;
  private final int primaries;

  AdvisedData(String description, long keys, int primaries) {
    this.description = description;
    this.keys = keys;
    this.primaries = primaries;
  }

  /// What `count` keys of it are, in words.
  String description(long count) {
    return String.format(Locale.ROOT, "%,d %s", count, description);
  }

  /// Number of keys at scale 1.
  long keys() {
    return keys;
  }

  /// Writes one key.
  abstract void write(CommandFeed feed, String key, Random random) throws IOException;

  private static String letters(Random random, int length) {
    StringBuilder letters = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      letters.append((char) ('a' + random.nextInt(26)));
    }
    return letters.toString();
  }

  /// A cache of this many primaries, empty.
  Cache start() {
    if (primaries == 1) {
      TestServer server = TestServer.start(Engines.redis70());
      return new Cache(server.uri(), List.of(server), server);
    }
    TestCluster cluster = TestCluster.start(Engines.redis70(), primaries);
    return new Cache(cluster.uri(), cluster.primaries(), cluster);
  }

  /// Writes `count` keys, each where it belongs.
  void writeAll(Cache cache, long count) throws IOException {
    Random random = new Random(42);
    Map<TestServer, CommandFeed> feeds = new HashMap<>();
    List<CommandFeed> opened = new ArrayList<>();
    try {
      for (TestServer server : cache.primaries()) {
        opened.add(CommandFeed.to(server.port()));
        feeds.put(server, opened.getLast());
      }
      for (long i = 0; i < count; i++) {
        String key = "%s:%09d".formatted(name().toLowerCase(Locale.ROOT), i);
        CommandFeed feed = feeds.get(cache.owner(key));
        if (feed == null) {
          throw new IOException("no primary has the key's slot: " + key);
        }
        write(feed, key, random);
      }
    } finally {
      for (CommandFeed feed : opened) {
        feed.close();
      }
    }
  }

  /// Running servers.
  record Cache(String uri, List<TestServer> primaries, AutoCloseable servers)
      implements AutoCloseable {
    TestServer owner(String key) {
      return servers instanceof TestCluster cluster
          ? cluster.owner(slot(key))
          : primaries.getFirst();
    }

    private static int slot(String key) {
      return Slot.of(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close() throws IOException {
      try {
        servers.close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }
}
