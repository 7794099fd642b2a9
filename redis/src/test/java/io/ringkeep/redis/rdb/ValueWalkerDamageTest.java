package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.Encodings.Encoding;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Damaged values: refused or read as something else, but never an escape from the value's bytes, a
/// hang or a giant reservation.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ValueWalkerDamageTest {
  private final RecordFingerprinter fingerprinter = new RecordFingerprinter(new HashKey(1, 2));

  @Test
  void fingerprint_cutAtEveryByte_isDamage() {
    Random random = Seeds.random("cut");
    int cuts = 0;
    for (Encoding encoding : corpus(random)) {
      for (int length = 0; length < encoding.value().length; length += 1 + length / 400) {
        ByteBuffer cut = ByteBuffer.allocateDirect(length).put(0, encoding.value(), 0, length);
        assertThatThrownBy(() -> fingerprint(encoding, cut))
            .as("%s cut at %d of %d", encoding.type(), length, encoding.value().length)
            .isInstanceOf(CorruptData.class);
        cuts++;
      }
    }
    assertThat(cuts).isGreaterThan(10_000);
  }

  @Test
  void fingerprint_anyBitFlipped_isDamageOrAnotherValue() {
    Random random = Seeds.random("flip");
    int refused = 0;
    for (Encoding encoding : corpus(random)) {
      ByteBuffer value = ByteBuffer.allocateDirect(encoding.value().length);
      for (int at = 0; at < encoding.value().length; at += 1 + at / 400) {
        int bit = random.nextInt(8);
        value.put(0, encoding.value());
        value.put(at, (byte) (value.get(at) ^ (1 << bit)));
        refused += damaged(encoding, value) ? 1 : 0;
      }
    }
    assertThat(refused).isGreaterThan(1000);
  }

  @Test
  void fingerprint_bytesOverwrittenByChance_isDamageOrAnotherValue() {
    Random random = Seeds.random("overwrite");
    List<Encoding> corpus = corpus(random);
    int refused = 0;
    for (int round = 0; round < Seeds.rounds(100_000); round++) {
      Encoding encoding = corpus.get(random.nextInt(corpus.size()));
      int length = encoding.value().length;
      if (length == 0) {
        continue;
      }
      ByteBuffer value = ByteBuffer.allocateDirect(length).put(0, encoding.value());
      for (int i = random.nextInt(4); i >= 0; i--) {
        int interesting = new int[] {0, 0x7f, 0x80, 0x81, 0xc3, 0xfe, 0xff}[random.nextInt(7)];
        value.put(
            random.nextInt(length),
            (byte) (random.nextBoolean() ? interesting : random.nextInt(256)));
      }
      refused += damaged(encoding, value) ? 1 : 0;
    }
    assertThat(refused).isGreaterThan(Seeds.rounds(10_000));
  }

  @Test
  void fingerprint_noise_isDamageOrAValue() {
    Random random = Seeds.random("noise");
    for (RdbType type : RdbType.values()) {
      RdbVersion version =
          type == RdbType.HASH_2
              ? RdbVersion.valkey(80)
              : RdbFormat.newest(RdbVersion.Family.REDIS);
      for (int round = 0; round < Seeds.rounds(2000); round++) {
        byte[] noise = new byte[random.nextInt(60)];
        random.nextBytes(noise);
        Encoding encoding = new Encoding(version, type, RdbBytes.value().raw(noise));
        damaged(encoding, ByteBuffer.allocateDirect(noise.length).put(0, noise));
      }
    }
  }

  /// Values of every type but modules', which are any bytes.
  private static List<Encoding> corpus(Random random) {
    List<Encoding> corpus = new ArrayList<>();
    for (GoldenRecord golden : GoldenRecord.all()) {
      Record record = golden.record();
      RdbType type = RdbType.of(record.version(), record.type()).orElseThrow();
      if (type.logicalType() != LogicalType.MODULE) {
        byte[] value = new byte[record.value().remaining()];
        record.value().get(0, value);
        corpus.add(new Encoding(record.version(), type, RdbBytes.value().raw(value)));
      }
    }
    Encodings encodings = new Encodings(random);
    RandomValues values = new RandomValues(random);
    for (int i = 0; i < 100; i++) {
      corpus.addAll(encodings.of(values.next()));
    }
    return corpus;
  }

  private boolean damaged(Encoding encoding, ByteBuffer value) {
    try {
      fingerprint(encoding, value);
      return false;
    } catch (CorruptData e) {
      return true;
    }
  }

  private void fingerprint(Encoding encoding, ByteBuffer value) {
    ByteBuffer key = ByteBuffer.allocateDirect(1);
    fingerprinter.fingerprint(
        new Record(0, key, -1, Heat.UNKNOWN, encoding.type().number(), encoding.version(), value));
  }
}
