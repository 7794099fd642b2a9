package io.ringkeep.placement.ring;

import io.ringkeep.model.ServerRing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32;

/// How clients of a ring hash keys.
///
/// Sources: the folder `hashkit` of Twemproxy, `MurmurHash` and `Hashing` of Jedis. Where Twemproxy
/// reads a byte as `char`, it has a sign, as on x86.
final class KeyHash {
  private static final int FNV_64_START = 0x84222325;
  private static final int FNV_64_PRIME = 0x1b3;
  private static final int FNV_32_START = 0x811c9dc5;
  private static final int FNV_32_PRIME = 16_777_619;
  private static final int CRC16_POLYNOMIAL = 0x1021;
  private static final int MURMUR_FACTOR = 0x5bd1e995;
  private static final long MURMUR64_FACTOR = 0xc6a4a7935bd1e995L;
  private static final int MURMUR64_SEED = 0x1234abcd;
  private static final int JENKINS_START = 0xdeadbeef + 13;
  private static final int JENKINS_BLOCK = 12;
  private static final long WORD = 0xffffffffL;

  private KeyHash() {}

  /// Hash of a key's bytes: unsigned 32 bits, or signed 64 for [ServerRing.Hash#MURMUR64].
  static long of(ServerRing.Hash hash, ByteBuffer key) {
    ByteBuffer bytes = key.slice().order(ByteOrder.LITTLE_ENDIAN);
    return switch (hash) {
      case MD5 -> md5(bytes).getInt(0) & WORD;
      case FNV1_64 -> fnv(bytes, FNV_64_START, FNV_64_PRIME, /* multiplyFirst= */ true);
      case FNV1A_64 -> fnv(bytes, FNV_64_START, FNV_64_PRIME, /* multiplyFirst= */ false);
      case FNV1_32 -> fnv(bytes, FNV_32_START, FNV_32_PRIME, /* multiplyFirst= */ true);
      case FNV1A_32 -> fnv(bytes, FNV_32_START, FNV_32_PRIME, /* multiplyFirst= */ false);
      case CRC16 -> crc16(bytes);
      case CRC32 -> crc32(bytes) >>> 16 & 0x7fff;
      case CRC32A -> crc32(bytes);
      case MURMUR -> murmur(bytes) & WORD;
      case JENKINS -> jenkins(bytes) & WORD;
      case ONE_AT_A_TIME -> oneAtATime(bytes) & WORD;
      case MURMUR64 -> murmur64(bytes);
    };
  }

  /// MD5 as four little-endian words.
  static ByteBuffer md5(ByteBuffer bytes) {
    try {
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      md5.update(bytes);
      return ByteBuffer.wrap(md5.digest()).order(ByteOrder.LITTLE_ENDIAN);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }

  /// Of those with 64 bits Twemproxy keeps the lower 32, which no higher bit has a part in.
  private static long fnv(ByteBuffer bytes, int start, int prime, boolean multiplyFirst) {
    int hash = start;
    while (bytes.hasRemaining()) {
      int value = bytes.get();
      hash = multiplyFirst ? hash * prime ^ value : (hash ^ value) * prime;
    }
    return hash & WORD;
  }

  private static long crc16(ByteBuffer bytes) {
    int crc = 0;
    while (bytes.hasRemaining()) {
      int entry = (crc >>> 8 ^ bytes.get()) << 8 & 0xff00;
      for (int bit = 0; bit < 8; bit++) {
        entry = (entry << 1 ^ ((entry & 0x8000) == 0 ? 0 : CRC16_POLYNOMIAL)) & 0xffff;
      }
      crc = crc << 8 ^ entry;
    }
    return crc & WORD;
  }

  private static long crc32(ByteBuffer bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }

  private static int oneAtATime(ByteBuffer bytes) {
    int hash = 0;
    while (bytes.hasRemaining()) {
      hash += bytes.get();
      hash += hash << 10;
      hash ^= hash >>> 6;
    }
    hash += hash << 3;
    hash ^= hash >>> 11;
    return hash + (hash << 15);
  }

  private static int murmur(ByteBuffer bytes) {
    int length = bytes.remaining();
    int hash = 0xdeadbeef * length ^ length;
    while (bytes.remaining() >= Integer.BYTES) {
      int word = bytes.getInt() * MURMUR_FACTOR;
      word = (word ^ word >>> 24) * MURMUR_FACTOR;
      hash = hash * MURMUR_FACTOR ^ word;
    }
    if (bytes.hasRemaining()) {
      hash = (hash ^ word(bytes, bytes.remaining())) * MURMUR_FACTOR;
    }
    hash = (hash ^ hash >>> 13) * MURMUR_FACTOR;
    return hash ^ hash >>> 15;
  }

  private static long murmur64(ByteBuffer bytes) {
    long hash = MURMUR64_SEED ^ bytes.remaining() * MURMUR64_FACTOR;
    while (bytes.remaining() >= Long.BYTES) {
      long word = bytes.getLong() * MURMUR64_FACTOR;
      word = (word ^ word >>> 47) * MURMUR64_FACTOR;
      hash = (hash ^ word) * MURMUR64_FACTOR;
    }
    if (bytes.hasRemaining()) {
      long low = word(bytes, Math.min(Integer.BYTES, bytes.remaining())) & WORD;
      long high = word(bytes, bytes.remaining()) & WORD;
      hash = (hash ^ (high << Integer.SIZE | low)) * MURMUR64_FACTOR;
    }
    hash = (hash ^ hash >>> 47) * MURMUR64_FACTOR;
    return hash ^ hash >>> 47;
  }

  private static int jenkins(ByteBuffer bytes) {
    int a = JENKINS_START + bytes.remaining();
    int b = a;
    int c = a;
    while (bytes.remaining() > JENKINS_BLOCK) {
      a += bytes.getInt();
      b += bytes.getInt();
      c += bytes.getInt();
      a = a - c ^ Integer.rotateLeft(c, 4);
      c += b;
      b = b - a ^ Integer.rotateLeft(a, 6);
      a += c;
      c = c - b ^ Integer.rotateLeft(b, 8);
      b += a;
      a = a - c ^ Integer.rotateLeft(c, 16);
      c += b;
      b = b - a ^ Integer.rotateLeft(a, 19);
      a += c;
      c = c - b ^ Integer.rotateLeft(b, 4);
      b += a;
    }
    if (!bytes.hasRemaining()) {
      return c;
    }
    a += word(bytes, Math.min(Integer.BYTES, bytes.remaining()));
    b += word(bytes, Math.min(Integer.BYTES, bytes.remaining()));
    c += word(bytes, bytes.remaining());
    c = (c ^ b) - Integer.rotateLeft(b, 14);
    a = (a ^ c) - Integer.rotateLeft(c, 11);
    b = (b ^ a) - Integer.rotateLeft(a, 25);
    c = (c ^ b) - Integer.rotateLeft(b, 16);
    a = (a ^ c) - Integer.rotateLeft(c, 4);
    b = (b ^ a) - Integer.rotateLeft(a, 14);
    return (c ^ b) - Integer.rotateLeft(b, 24);
  }

  /// The next `count` bytes, 4 at most, as a little-endian word.
  private static int word(ByteBuffer bytes, int count) {
    int word = 0;
    for (int i = 0; i < count; i++) {
      word |= (bytes.get() & 0xff) << (Byte.SIZE * i);
    }
    return word;
  }
}
