package io.ringkeep.redis.command;

import io.ringkeep.model.Slot;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Names under which keys are written until they are whole: one for each slot, so that a cluster
/// renames them.
///
/// A name is `ringkeep:part:{n}`, with the smallest number n whose slot is the key's.
final class PartName {
  private static final String FRONT = "ringkeep:part:{";

  /// By slot; filled as it is asked for.
  private final byte[][] names = new byte[Slot.COUNT][];

  private int tried;

  /// The name for keys of the slot of `key`.
  byte[] beside(ByteBuffer key) {
    int slot = Slot.of(key);
    while (names[slot] == null) {
      byte[] number = Integer.toString(tried++).getBytes(StandardCharsets.US_ASCII);
      int found = Slot.of(ByteBuffer.wrap(number));
      if (names[found] == null) {
        names[found] =
            (FRONT + new String(number, StandardCharsets.US_ASCII) + "}")
                .getBytes(StandardCharsets.US_ASCII);
      }
    }
    return names[slot];
  }
}
