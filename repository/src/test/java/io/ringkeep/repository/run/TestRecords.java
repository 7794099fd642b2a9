package io.ringkeep.repository.run;

import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.RecordOrder;
import io.ringkeep.model.SipHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/// Random records for tests, and the words to compare them in.
public final class TestRecords {
  /// Key of positions and fingerprints in tests.
  public static final HashKey HASH_KEY = new HashKey(1, 2);

  private static final RdbVersion[] VERSIONS = {
    RdbVersion.redis(9), RdbVersion.redis(12), RdbVersion.valkey(80)
  };

  private final Random random;
  private final RecordHasher hasher;

  /// Where a record stands.
  public record Place(long position, int database, ByteBuffer key) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      return RecordOrder.compare(
          position, database, key, other.position, other.database, other.key);
    }
  }

  /// Records whose positions have a hash of so many bits.
  public TestRecords(Random random, int hashBits) {
    this.random = random;
    hasher = new RecordHasher(HASH_KEY, hashBits);
  }

  /// Records of a repository.
  public TestRecords(Random random, HashKey key) {
    this.random = random;
    hasher = new RecordHasher(key);
  }

  /// Where a record stands.
  public Place place(Record record) {
    return new Place(position(record.database(), record.key()), record.database(), record.key());
  }

  /// Position of a key.
  public long position(int database, ByteBuffer key) {
    return hasher.position(database, key);
  }

  /// A record of any shape with a value of up to `mostValueBytes`; its key is one of `keys`.
  public Record any(int keys, int mostValueBytes) {
    return of(random.nextInt(3), "key:" + random.nextInt(keys), random.nextInt(mostValueBytes + 1));
  }

  /// A record of any shape with this key and length of value.
  public Record of(int database, String key, int valueBytes) {
    Heat heat =
        switch (random.nextInt(4)) {
          case 0 -> new Heat.Idle(random.nextLong(1L << random.nextInt(1, 40)));
          case 1 -> new Heat.Frequency(random.nextInt(256));
          default -> Heat.UNKNOWN;
        };
    return new Record(
        database,
        bytes(key),
        random.nextBoolean() ? Record.NO_EXPIRY : random.nextLong(1L << 45),
        heat,
        random.nextInt(26),
        VERSIONS[random.nextInt(VERSIONS.length)],
        value(valueBytes));
  }

  /// Bytes that compress to about a half.
  public ByteBuffer value(int length) {
    byte[] value = new byte[length];
    random.nextBytes(value);
    for (int i = 0; i < length; i++) {
      value[i] &= 0x0f;
    }
    // Direct, as they come from a link.
    return ByteBuffer.allocateDirect(length).put(value).flip();
  }

  /// Text as bytes.
  public static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /// A fingerprint over everything a record has. Real ones look into values.
  public static Fingerprint fingerprint(Record record) {
    SipHash hash =
        new SipHash(HASH_KEY)
            .putInt(record.database())
            .putInt(record.key().remaining())
            .putBytes(record.key())
            .putInt(record.type())
            .putLong(record.expiryMillis())
            .putBytes(record.value())
            .finish();
    return new Fingerprint(hash.high(), hash.low());
  }
}
