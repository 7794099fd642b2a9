package io.ringkeep.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// SipHash-2-4 with 128-bit output, fed piece by piece and reused after [#reset].
///
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, and the 128-bit variant
/// of the authors' reference code; its published vectors are this class's test. Not thread-safe.
public final class SipHash {
  /*
   * Bytes gather in `tail`, little-endian, until a word of eight is full. Whole words are read straight from the
   * buffer. Cost: two rounds a word, eight to finish: some 1.5 GB/s on long inputs, 30 ns on a short one. The two
   * rounds stand written out where words come in a row: the state then stays in registers, and the first, simple
   * compilation of a process of seconds has no inner loop to run.
   *
   * A library was looked for: the kept ones stop at 64 bits or bring megabytes, and applications of release 17
   * will depend on this module.
   */
  private final HashKey key;
  private long v0;
  private long v1;
  private long v2;
  private long v3;
  private long tail;
  private int tailBytes;
  private long totalBytes;
  private long high;
  private long low;

  /// A hash keyed by `key`, ready to be fed.
  public SipHash(HashKey key) {
    this.key = key;
    reset();
  }

  /// Forgets what was fed.
  public SipHash reset() {
    v0 = 0x736f6d6570736575L ^ key.k0();
    v1 = 0x646f72616e646f6dL ^ key.k1() ^ 0xee;
    v2 = 0x6c7967656e657261L ^ key.k0();
    v3 = 0x7465646279746573L ^ key.k1();
    tail = 0;
    tailBytes = 0;
    totalBytes = 0;
    return this;
  }

  /// Goes on where another hash of the same key stands, which stays as it is.
  public SipHash resume(SipHash other) {
    v0 = other.v0;
    v1 = other.v1;
    v2 = other.v2;
    v3 = other.v3;
    tail = other.tail;
    tailBytes = other.tailBytes;
    totalBytes = other.totalBytes;
    return this;
  }

  /// Feeds one byte.
  public SipHash putByte(int value) {
    tail |= (value & 0xffL) << (8 * tailBytes);
    totalBytes++;
    if (++tailBytes == 8) {
      word(tail);
      tail = 0;
      tailBytes = 0;
    }
    return this;
  }

  /// Feeds four bytes, little-endian.
  public SipHash putInt(int value) {
    putWord(value & 0xffffffffL, 4);
    return this;
  }

  /// Feeds eight bytes, little-endian.
  public SipHash putLong(long value) {
    putWord(value, 8);
    return this;
  }

  /// Feeds the bytes from `start`, inclusive, to `end`, exclusive; the buffer's position and limit
  /// stay.
  public SipHash putBytes(ByteBuffer bytes, int start, int end) {
    int at = start;
    if (tailBytes == 0) {
      at = putWords(bytes, start, end);
    } else {
      boolean reversed = bytes.order() == ByteOrder.BIG_ENDIAN;
      for (; at + 8 <= end; at += 8) {
        long word = bytes.getLong(at);
        putLong(reversed ? Long.reverseBytes(word) : word);
      }
    }
    for (; at < end; at++) {
      putByte(bytes.get(at));
    }
    return this;
  }

  /// Feeds what lies between the buffer's position and limit.
  public SipHash putBytes(ByteBuffer bytes) {
    return putBytes(bytes, bytes.position(), bytes.limit());
  }

  /// Feeds zeros up to the next multiple of eight bytes, or nothing: words behind these then need
  /// no shifting.
  public SipHash align() {
    if (tailBytes != 0) {
      totalBytes += 8 - tailBytes;
      word(tail);
      tail = 0;
      tailBytes = 0;
    }
    return this;
  }

  /// Feeds a string as words: the number of its bytes, eight bytes long, then the bytes from
  /// `start`, inclusive, to `end`, exclusive, then zeros up to a whole word.
  ///
  /// What was fed before must be whole words.
  public SipHash putString(ByteBuffer bytes, int start, int end) {
    if (tailBytes != 0) {
      throw new IllegalStateException("a string must begin with a word: tailBytes=" + tailBytes);
    }
    word(end - start);
    totalBytes += Long.BYTES;
    int at = putWords(bytes, start, end);
    if (at < end) {
      word(lastWord(bytes, at, end));
      totalBytes += Long.BYTES;
    }
    return this;
  }

  /// The one to seven bytes of a range as the lower bytes of a word.
  private static long lastWord(ByteBuffer bytes, int start, int end) {
    if (end >= Long.BYTES && bytes.order() == ByteOrder.LITTLE_ENDIAN) {
      return bytes.getLong(end - Long.BYTES) >>> (8 * (Long.BYTES - (end - start)));
    }
    long word = 0;
    for (int at = end - 1; at >= start; at--) {
      word = word << 8 | (bytes.get(at) & 0xff);
    }
    return word;
  }

  /// Ends the input: the result stands in [#high] and [#low] until the next [#finish].
  public SipHash finish() {
    word(tail | (totalBytes << 56));
    v2 ^= 0xee;
    rounds(4);
    low = v0 ^ v1 ^ v2 ^ v3;
    v1 ^= 0xdd;
    rounds(4);
    high = v0 ^ v1 ^ v2 ^ v3;
    return this;
  }

  /// Upper 64 bits of the finished hash: bytes 8–15 of the reference code's output, little-endian.
  public long high() {
    return high;
  }

  /// Lower 64 bits of the finished hash: bytes 0–7 of the reference code's output, little-endian.
  public long low() {
    return low;
  }

  private void putWord(long value, int bytes) {
    totalBytes += bytes;
    if (tailBytes == 0 && bytes == 8) {
      word(value);
      return;
    }
    tail |= value << (8 * tailBytes);
    int filled = tailBytes + bytes;
    if (filled >= 8) {
      word(tail);
      tail = tailBytes == 0 ? 0 : value >>> (8 * (8 - tailBytes));
      filled -= 8;
      if (filled == 0) {
        tail = 0;
      }
    }
    tailBytes = filled;
  }

  /// Feeds the whole words of a range and returns where they end. The state stays in registers.
  private int putWords(ByteBuffer bytes, int start, int end) {
    boolean reversed = bytes.order() == ByteOrder.BIG_ENDIAN;
    long a = v0;
    long b = v1;
    long c = v2;
    long d = v3;
    int at = start;
    for (; at + 8 <= end; at += 8) {
      long m = bytes.getLong(at);
      if (reversed) {
        m = Long.reverseBytes(m);
      }
      d ^= m;
      a += b;
      b = Long.rotateLeft(b, 13) ^ a;
      a = Long.rotateLeft(a, 32);
      c += d;
      d = Long.rotateLeft(d, 16) ^ c;
      a += d;
      d = Long.rotateLeft(d, 21) ^ a;
      c += b;
      b = Long.rotateLeft(b, 17) ^ c;
      c = Long.rotateLeft(c, 32);
      a += b;
      b = Long.rotateLeft(b, 13) ^ a;
      a = Long.rotateLeft(a, 32);
      c += d;
      d = Long.rotateLeft(d, 16) ^ c;
      a += d;
      d = Long.rotateLeft(d, 21) ^ a;
      c += b;
      b = Long.rotateLeft(b, 17) ^ c;
      c = Long.rotateLeft(c, 32);
      a ^= m;
    }
    v0 = a;
    v1 = b;
    v2 = c;
    v3 = d;
    totalBytes += at - start;
    return at;
  }

  private void word(long m) {
    long a = v0;
    long b = v1;
    long c = v2;
    long d = v3 ^ m;
    a += b;
    b = Long.rotateLeft(b, 13) ^ a;
    a = Long.rotateLeft(a, 32);
    c += d;
    d = Long.rotateLeft(d, 16) ^ c;
    a += d;
    d = Long.rotateLeft(d, 21) ^ a;
    c += b;
    b = Long.rotateLeft(b, 17) ^ c;
    c = Long.rotateLeft(c, 32);
    a += b;
    b = Long.rotateLeft(b, 13) ^ a;
    a = Long.rotateLeft(a, 32);
    c += d;
    d = Long.rotateLeft(d, 16) ^ c;
    a += d;
    d = Long.rotateLeft(d, 21) ^ a;
    c += b;
    b = Long.rotateLeft(b, 17) ^ c;
    c = Long.rotateLeft(c, 32);
    v0 = a ^ m;
    v1 = b;
    v2 = c;
    v3 = d;
  }

  private void rounds(int count) {
    long a = v0;
    long b = v1;
    long c = v2;
    long d = v3;
    for (int i = 0; i < count; i++) {
      a += b;
      b = Long.rotateLeft(b, 13) ^ a;
      a = Long.rotateLeft(a, 32);
      c += d;
      d = Long.rotateLeft(d, 16) ^ c;
      a += d;
      d = Long.rotateLeft(d, 21) ^ a;
      c += b;
      b = Long.rotateLeft(b, 17) ^ c;
      c = Long.rotateLeft(c, 32);
    }
    v0 = a;
    v1 = b;
    v2 = c;
    v3 = d;
  }
}
