package io.ringkeep.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class RecordTest {
  private static final RdbVersion VERSION = RdbVersion.redis(10);

  @Test
  void expiredAt_theMillisecondOfItsExpiry_isExpired() {
    Record record = record(1000);
    assertThat(record.expires()).isTrue();
    assertThat(record.expiredAt(999)).isFalse();
    assertThat(record.expiredAt(1000)).isTrue();
  }

  @Test
  void expiredAt_withoutExpiry_isNever() {
    Record record = record(Record.NO_EXPIRY);
    assertThat(record.expires()).isFalse();
    assertThat(record.expiredAt(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void copy_afterItsBuffersAreReused_holdsWhatItHeld() {
    ByteBuffer shared = ByteBuffer.allocateDirect(8).put(0, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    Record record =
        new Record(2, shared.slice(0, 3), 7, new Heat.Idle(5), 4, VERSION, shared.slice(3, 5));
    Record copy = record.copy();
    assertThat(copy).isEqualTo(record);
    shared.put(0, new byte[8]);
    assertThat(copy.key()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    assertThat(copy.value()).isEqualTo(ByteBuffer.wrap(new byte[] {4, 5, 6, 7, 8}));
  }

  @Test
  void hashKey_ofOtherThanSixteenBytes_isRefusedAndNeverPrinted() {
    assertThatThrownBy(() -> HashKey.of(new byte[15])).isInstanceOf(IllegalArgumentException.class);
    assertThat(new HashKey(0xabcd, 0xef01)).hasToString("HashKey[secret]");
  }

  private static Record record(long expiryMillis) {
    ByteBuffer empty = ByteBuffer.allocate(0);
    return new Record(0, empty, expiryMillis, Heat.UNKNOWN, 0, VERSION, empty);
  }
}
