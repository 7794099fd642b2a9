package io.ringkeep.placement.ring;

import io.ringkeep.model.ServerRing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/// The ring of Karger et al. with virtual nodes as libketama, spymemcached and Twemproxy build it:
/// a key belongs to the first point at or after its hash.
///
/// Sources: `nc_ketama.c` of Twemproxy, `KetamaNodeLocator` of spymemcached.
public final class KetamaRing implements Distribution {
  /*
   * Point i of a node is the i mod 4th little-endian 32-bit word of MD5("<name>-<i ÷ 4>"), so names matter. A node gets points × n × w ÷ W points, rounded down to a multiple of four, computed in single
   * precision as Twemproxy does: so a node that joins may change the points of all others. Where two nodes have the same point, the later one has it, as in spymemcached;
   * Twemproxy leaves that to its sort.
   */

  /// Points of a node of average weight in Twemproxy, libketama and spymemcached.
  public static final int USUAL_POINTS = 160;

  private static final int POINTS_A_DIGEST = 4;
  private static final long WORD = 0xffffffffL;

  private static final int NODE_BITS = 24;

  /// Points in ascending order: 32 bits of hash, then the index of its node.
  private final long[] points;

  /// A ring of nodes of these names and weights, as Twemproxy builds it: with [#USUAL_POINTS] for a
  /// node of average weight.
  ///
  /// @param names each hashed as it is: `10.0.0.1:6379`, or an alias
  /// @param weights one for each name, 1 or more
  public KetamaRing(List<String> names, int[] weights) {
    this(names, weights, node -> digests(weights, node));
  }

  /// The textbook's ring: the same points, but `pointsPerWeight` × weight of them, whatever the
  /// other nodes weigh.
  ///
  /// @param pointsPerWeight points of a node of weight 1: a multiple of 4
  public static KetamaRing textbook(List<String> names, int[] weights, int pointsPerWeight) {
    if (pointsPerWeight < POINTS_A_DIGEST || pointsPerWeight % POINTS_A_DIGEST != 0) {
      throw new IllegalArgumentException("points come in fours: points=" + pointsPerWeight);
    }
    return new KetamaRing(
        names,
        weights,
        node -> Math.multiplyExact(weights[node], pointsPerWeight / POINTS_A_DIGEST));
  }

  private KetamaRing(List<String> names, int[] weights, IntUnaryOperator digests) {
    if (names.isEmpty() || names.size() != weights.length) {
      throw new IllegalArgumentException(
          "a ring needs names, and a weight for each: names=%d weights=%d"
              .formatted(names.size(), weights.length));
    }
    long[] all = new long[0];
    for (int node = 0; node < weights.length; node++) {
      if (weights[node] < 1) {
        throw new IllegalArgumentException(
            "a weight is 1 or more: node=" + names.get(node) + " weight=" + weights[node]);
      }
      all = append(all, names.get(node), node, digests.applyAsInt(node));
    }
    if (all.length == 0) {
      throw new IllegalArgumentException("no node has a point: names=" + names);
    }
    Arrays.sort(all);
    points = all;
  }

  @Override
  public int node(String key) {
    return nodeAt(hash(key));
  }

  /// Index of the node that a hash belongs to, for keys that are hashed another way: Twemproxy's
  /// setting `hash` decides how.
  ///
  /// @param hash unsigned 32 bits
  public int nodeAt(long hash) {
    int low = 0;
    int high = points.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if ((points[middle] >>> NODE_BITS) < (hash & WORD)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    int first = low == points.length ? 0 : low;
    int last = first;
    while (last + 1 < points.length
        && points[last + 1] >>> NODE_BITS == points[first] >>> NODE_BITS) {
      last++;
    }
    return (int) points[last] & ((1 << NODE_BITS) - 1);
  }

  /// Number of points of the ring.
  public int pointCount() {
    return points.length;
  }

  /// The highest point, as an unsigned 32-bit number.
  public long highestPoint() {
    return points[points.length - 1] >>> NODE_BITS;
  }

  /// Ketama's hash of a key: the first word of its MD5, little-endian, as an unsigned 32-bit
  /// number.
  public static long hash(String key) {
    return KeyHash.of(ServerRing.Hash.MD5, ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)));
  }

  private static int digests(int[] weights, int node) {
    float part = weights[node] / (float) Arrays.stream(weights).sum();
    float fours = part * USUAL_POINTS / POINTS_A_DIGEST * weights.length;
    return (int) Math.floor((float) (fours + 1e-10));
  }

  private static long[] append(long[] points, String name, int node, int digests) {
    long[] longer = Arrays.copyOf(points, points.length + POINTS_A_DIGEST * digests);
    for (int i = 0; i < digests; i++) {
      ByteBuffer digest =
          KeyHash.md5(ByteBuffer.wrap((name + "-" + i).getBytes(StandardCharsets.UTF_8)));
      for (int word = 0; word < POINTS_A_DIGEST; word++) {
        longer[points.length + POINTS_A_DIGEST * i + word] =
            (digest.getInt(4 * word) & WORD) << NODE_BITS | node;
      }
    }
    return longer;
  }
}
