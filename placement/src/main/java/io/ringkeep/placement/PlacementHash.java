package io.ringkeep.placement;

import io.ringkeep.model.HashKey;
import io.ringkeep.model.SipHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The fixed 64-bit hash of placement and the scores drawn from it.
///
/// Names are hashed by SipHash-2-4 with a key of zeros, lower 64 bits of the 128-bit variant, over
/// one byte that says what is named and the name in UTF-8. Two hashes are combined by the finaliser
/// of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014,
/// with Stafford's 13th constants).
public final class PlacementHash {
  /*
   * A table is recorded, so a later change of this hash would lose nothing; but two programs that make the next
   * table from the same one must get the same, so it is fixed, and its vectors stand in the tests.
   */
  private static final HashKey ZEROS = new HashKey(0, 0);
  private static final long GOLDEN_RATIO = 0x9e3779b97f4a7c15L;

  private PlacementHash() {}

  /// Hash of an object's name or of a cache's key.
  public static long ofObject(String name) {
    return ofName('o', name);
  }

  /// Hash of a node's id.
  public static long ofNode(String id) {
    return ofName('n', id);
  }

  /// Hash of a zone's name.
  public static long ofZone(String zone) {
    return ofName('z', zone);
  }

  /// What `identity`, a node or a zone, draws for `subject`, a group or an object: 64 bits, evenly
  /// spread and independent of what others draw.
  public static long draw(long identity, long subject) {
    return mix(identity ^ mix(subject + GOLDEN_RATIO));
  }

  /// The upper 52 bits of a draw as a number above 0 and below 1.
  public static double unit(long draw) {
    return ((draw >>> 12) + 0.5) * 0x1p-52;
  }

  /// The score −weight ÷ ln u of weighted rendezvous hashing: the highest of several wins with the
  /// probability of its weight's share. `StrictMath`, so that every JVM agrees on every bit.
  ///
  /// Source: Schindelhauer and Schomaker, "Weighted distributed hash tables", 2005; CRUSH calls it
  /// straw2.
  public static double score(double weight, double unit) {
    return -weight / StrictMath.log(unit);
  }

  /// False only if the score can't exceed `best`: −ln u is at least 1 − u, and most draws end here
  /// without a logarithm.
  public static boolean mayExceed(double weight, double unit, double best) {
    return (1 - unit) * best <= weight * (1 + 1e-12);
  }

  private static long ofName(char kind, String name) {
    return new SipHash(ZEROS)
        .putByte(kind)
        .putBytes(ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)))
        .finish()
        .low();
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
