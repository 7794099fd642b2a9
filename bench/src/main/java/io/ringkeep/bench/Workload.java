package io.ringkeep.bench;

import java.io.IOException;
import java.util.Locale;
import java.util.Random;

/// A dataset to measure with; the same seed always writes the same.
enum Workload {
  /// Small JSON documents, the commonest cache there is.
  JSON("small JSON strings", 5_000_000) {
    @Override
    void write(CommandFeed feed, long index, Random random) throws IOException {
      feed.command("SET", "user:%010d".formatted(index), json(index, random));
    }
  },
  /// Hashes, sorted sets, lists, sets and streams of some ten to a hundred elements.
  MIX("hashes, sorted sets, lists, sets and streams", 455_000) {
    @Override
    void write(CommandFeed feed, long index, Random random) throws IOException {
      String key = "mix:%08d".formatted(index);
      int elements = 10 + random.nextInt(50);
      String[] words;
      switch ((int) (index % 5)) {
        case 0 -> {
          words = start("HSET", key, 2 * elements);
          for (int i = 0; i < elements; i++) {
            words[2 + 2 * i] = "field" + i;
            words[3 + 2 * i] = word(random, 8 + random.nextInt(30));
          }
        }
        case 1 -> {
          words = start("ZADD", key, 2 * elements);
          for (int i = 0; i < elements; i++) {
            words[2 + 2 * i] = String.format(Locale.ROOT, "%.3f", random.nextDouble() * 1000);
            words[3 + 2 * i] = "member:" + i + ":" + word(random, 6);
          }
        }
        case 2 -> {
          words = start("RPUSH", key, elements);
          for (int i = 0; i < elements; i++) {
            words[2 + i] = word(random, 10 + random.nextInt(40));
          }
        }
        case 3 -> {
          words = start("SADD", key, elements);
          for (int i = 0; i < elements; i++) {
            words[2 + i] = "tag:" + random.nextInt(1_000_000);
          }
        }
        default -> {
          for (int i = 0; i < elements / 4; i++) {
            feed.command(
                "XADD", key, "*", "event", word(random, 8), "user", "u" + random.nextInt(100_000));
          }
          return;
        }
      }
      feed.command(words);
    }
  },
  /// Values of 10 KiB that compress to about half.
  LARGE("values of 10 KiB", 104_858) {
    @Override
    void write(CommandFeed feed, long index, Random random) throws IOException {
      StringBuilder value = new StringBuilder(10 * 1024);
      while (value.length() < 10 * 1024) {
        value.append(word(random, 24)).append(",\"status\":\"active\"},");
      }
      feed.command("SET", "page:%08d".formatted(index), value.substring(0, 10 * 1024));
    }
  };

  private final String description;
  private final long keys;

  Workload(String description, long keys) {
    this.description = description;
    this.keys = keys;
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
  abstract void write(CommandFeed feed, long index, Random random) throws IOException;

  /// Writes `count` keys to the server.
  void writeAll(int port, long count) throws IOException {
    Random random = new Random(42);
    try (CommandFeed feed = CommandFeed.to(port)) {
      for (long i = 0; i < count; i++) {
        write(feed, i, random);
      }
    }
  }

  private static String[] start(String command, String key, int arguments) {
    String[] words = new String[2 + arguments];
    words[0] = command;
    words[1] = key;
    return words;
  }

  private static String json(long index, Random random) {
    return ("{\"id\":%d,\"name\":\"%s\",\"email\":\"%s@example.org\",\"age\":%d,\"active\":%b,"
            + "\"score\":%d}")
        .formatted(
            index,
            word(random, 8),
            word(random, 10),
            18 + random.nextInt(70),
            random.nextBoolean(),
            random.nextInt(100_000));
  }

  private static String word(Random random, int length) {
    StringBuilder word = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      word.append((char) ('a' + random.nextInt(26)));
    }
    return word.toString();
  }
}
