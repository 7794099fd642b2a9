package io.ringkeep.story;

import io.ringkeep.testkit.TestServer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Where Ketama's clients look for a key, computed from what libketama publishes and not by the
/// product: four points for each MD5 of `host:port-i`, a key on the first point at or behind the
/// first four bytes of its own MD5.
final class PublishedRing {
  private final List<TestServer> servers;
  private final TreeMap<Long, TestServer> points = new TreeMap<>();

  PublishedRing(List<TestServer> servers, int... weights) {
    this.servers = servers;
    int sum = 0;
    for (int weight : weights) {
      sum += weight;
    }
    for (int i = 0; i < servers.size(); i++) {
      double digests = Math.floor((double) weights[i] / sum * 40 * servers.size() + 1e-10);
      for (int digest = 0; digest < digests; digest++) {
        byte[] md5 =
            md5((servers.get(i).address() + "-" + digest).getBytes(StandardCharsets.UTF_8));
        for (int at = 0; at < 16; at += 4) {
          points.put(word(md5, at), servers.get(i));
        }
      }
    }
  }

  /// All of its servers.
  List<TestServer> servers() {
    return servers;
  }

  TestServer owner(byte[] key) {
    Map.Entry<Long, TestServer> point = points.ceilingEntry(word(md5(key), 0));
    return (point == null ? points.firstEntry() : point).getValue();
  }

  private static long word(byte[] md5, int at) {
    return (md5[at + 3] & 0xffL) << 24
        | (md5[at + 2] & 0xffL) << 16
        | (md5[at + 1] & 0xffL) << 8
        | (md5[at] & 0xffL);
  }

  private static byte[] md5(byte[] bytes) {
    try {
      return MessageDigest.getInstance("MD5").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
