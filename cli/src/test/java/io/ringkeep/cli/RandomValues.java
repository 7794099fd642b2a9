package io.ringkeep.cli;

import io.ringkeep.testkit.TestServer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/// Data that no compression makes smaller.
final class RandomValues {
  private static final int KEYS_AT_ONCE = 50;

  private RandomValues() {}

  /// Writes `keys` strings of `bytes` random bytes.
  static void write(TestServer server, Random random, int keys, int bytes) {
    for (int first = 0; first < keys; first += KEYS_AT_ONCE) {
      int count = Math.min(KEYS_AT_ONCE, keys - first);
      byte[][] words = new byte[1 + 2 * count][];
      words[0] = "MSET".getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < count; i++) {
        words[1 + 2 * i] = ("random:" + (first + i)).getBytes(StandardCharsets.US_ASCII);
        byte[] value = new byte[bytes];
        random.nextBytes(value);
        words[2 + 2 * i] = value;
      }
      server.call(words);
    }
  }
}
