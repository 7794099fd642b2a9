package io.ringkeep.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Slots as `CLUSTER KEYSLOT` gives them.
class SlotTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "123456789         | 12739", // 0x31c3, the check value of CRC-16/XMODEM
        "foo               | 12182",
        "bar               | 5061",
        "hello             | 866",
        "somekey           | 11058",
        "foo{hash_tag}     | 2515",
        "bar{hash_tag}     | 2515",
        "hash_tag          | 2515",
        "\"\"              | 0",
        "{}                | 15257",
      })
  void of_knownKeys_givesTheServersSlots(String key, int slot) {
    assertThat(slot(key)).isEqualTo(slot);
  }

  @Test
  void of_tag_isTheFirstPairOfBracesWithSomethingBetween() {
    assertThat(slot("{user1000}.following")).isEqualTo(slot("user1000"));
    assertThat(slot("foo{{bar}}zap")).isEqualTo(slot("{bar"));
    assertThat(slot("foo{bar}{zap}")).isEqualTo(slot("bar"));
    assertThat(slot("a}b{c}d")).isEqualTo(slot("c"));
  }

  @Test
  void of_emptyOrUnclosedTag_hashesTheWholeKey() {
    assertThat(slot("foo{}{bar}")).isEqualTo(wholeKeySlot("foo{}{bar}")).isNotEqualTo(slot("bar"));
    assertThat(slot("foo{bar")).isEqualTo(wholeKeySlot("foo{bar"));
    assertThat(slot("foo}bar")).isEqualTo(wholeKeySlot("foo}bar"));
    assertThat(slot("{")).isEqualTo(wholeKeySlot("{"));
  }

  @Test
  void of_randomKeys_equalsTheChecksumTakenBitByBit() {
    Random random = SeededRandom.create("SlotTest");
    for (int round = 0; round < 5000; round++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      String key = new String(bytes, StandardCharsets.ISO_8859_1).replace('{', '[');
      int before = random.nextInt(5);
      ByteBuffer buffer = ByteBuffer.allocateDirect(before + bytes.length + 3);
      buffer.put(before, key.getBytes(StandardCharsets.ISO_8859_1));
      buffer.position(before).limit(before + bytes.length);
      assertThat(Slot.of(buffer)).isEqualTo(wholeKeySlot(key));
      assertThat(buffer.position()).isEqualTo(before);
    }
  }

  private static int slot(String key) {
    return Slot.of(ByteBuffer.wrap(key.getBytes(StandardCharsets.ISO_8859_1)));
  }

  /// The polynomial division itself, one bit at a time.
  private static int wholeKeySlot(String key) {
    int crc = 0;
    for (byte b : key.getBytes(StandardCharsets.ISO_8859_1)) {
      for (int bit = 7; bit >= 0; bit--) {
        int carry = (crc >>> 15) & 1;
        crc = (crc << 1) & 0xffff;
        if ((carry ^ ((b >>> bit) & 1)) != 0) {
          crc ^= 0x1021;
        }
      }
    }
    return crc % Slot.COUNT;
  }
}
