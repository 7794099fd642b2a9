package io.ringkeep.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecordHasherTest {
  private static final HashKey KEY = new HashKey(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

  @Test
  void position_key_isItsSlotAndTheHashOfDatabaseAndKey() {
    RecordHasher hasher = new RecordHasher(KEY);
    SipHash hash = new SipHash(KEY);
    byte[] input = new byte[8 + 3];
    ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN).putLong(3).put(bytes("foo"));
    hash.putBytes(ByteBuffer.wrap(input)).finish();
    assertThat(hasher.position(3, buffer("foo"))).isEqualTo(Position.of(12182, hash.low()));
  }

  /// What is stored is ordered by these: they may never change for a key.
  @Test
  void position_fixedKeyAndInput_neverChanges() {
    RecordHasher hasher = new RecordHasher(KEY);
    assertThat(hasher.position(0, buffer("foo"))).isEqualTo(0xbe5b0e16af328e49L);
    assertThat(hasher.position(1, buffer("foo"))).isEqualTo(0xbe5a57ea5dfc3dc8L);
    assertThat(hasher.position(0, buffer(""))).isEqualTo(0x0002e6ef68ab93c2L);
    assertThat(hasher.position(15, buffer("{user1000}.following"))).isEqualTo(0x35cf6d31b3979596L);
  }

  @Test
  void position_tenThousandKeys_collideNowhereAndFillAllBits() {
    RecordHasher hasher = new RecordHasher(KEY);
    Set<Long> positions = new HashSet<>();
    long ones = 0;
    long zeros = 0;
    for (int i = 0; i < 10_000; i++) {
      long position = hasher.position(0, buffer("key:" + i));
      positions.add(position);
      ones |= position;
      zeros |= ~position;
    }
    assertThat(positions).hasSize(10_000);
    assertThat(ones).isEqualTo(-1L);
    assertThat(zeros).isEqualTo(-1L);
  }

  @Test
  void position_otherKeyOrDatabase_isAnotherPlaceInTheSameSlot() {
    RecordHasher hasher = new RecordHasher(KEY);
    RecordHasher other = new RecordHasher(new HashKey(1, 2));
    long position = hasher.position(0, buffer("foo"));
    assertThat(hasher.position(1, buffer("foo"))).isNotEqualTo(position);
    assertThat(other.position(0, buffer("foo"))).isNotEqualTo(position);
    assertThat(Position.slot(other.position(1, buffer("foo")))).isEqualTo(12182);
  }

  @Test
  void position_fourBitHash_makesKeysCollideAndOrderStillTellsThemApart() {
    RecordHasher hasher = new RecordHasher(KEY, /* hashBits= */ 4);
    List<String> keys = new ArrayList<>();
    Set<Long> positions = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      String key = "{one}" + i;
      keys.add(key);
      long position = hasher.position(0, buffer(key));
      positions.add(position);
      assertThat(Position.slot(position)).isEqualTo(Slot.of(buffer("one")));
      assertThat(position & ((1L << 46) - 1)).isZero();
    }
    assertThat(positions).hasSize(16);
    for (String a : keys) {
      for (String b : keys) {
        int order =
            RecordOrder.compare(
                hasher.position(0, buffer(a)),
                0,
                buffer(a),
                hasher.position(0, buffer(b)),
                0,
                buffer(b));
        assertThat(order == 0).isEqualTo(a.equals(b));
      }
    }
  }

  @Test
  void position_noHashBits_isTheSlotAlone() {
    RecordHasher hasher = new RecordHasher(KEY, /* hashBits= */ 0);
    assertThat(hasher.position(5, buffer("foo"))).isEqualTo(Position.first(12182));
  }

  private static ByteBuffer buffer(String key) {
    return ByteBuffer.wrap(bytes(key));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
