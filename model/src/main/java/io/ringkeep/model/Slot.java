package io.ringkeep.model;

import java.nio.ByteBuffer;

/// The hash slot of a key: CRC16 of its hash tag, or of the whole key, modulo 16384.
///
/// Source: `keyHashSlot` in Redis's `cluster.c`, `crc16.c` (CRC-16/XMODEM: polynomial 0x1021, start
/// 0), and the cluster specification's rule for `{tags}`: the first `{`, then the first `}` behind
/// it, with at least one byte between them.
public final class Slot {
  /// Number of hash slots of a Redis or Valkey cluster.
  public static final int COUNT = 16384;

  private static final char[][] TABLES = tables();

  private Slot() {}

  /// Slot of the bytes between the key's position and limit.
  public static int of(ByteBuffer key) {
    int start = key.position();
    int end = key.limit();
    for (int open = start; open < end; open++) {
      if (key.get(open) == '{') {
        int close = open + 1;
        while (close < end && key.get(close) != '}') {
          close++;
        }
        if (close < end && close > open + 1) {
          return crc16(key, open + 1, close) & (COUNT - 1);
        }
        break;
      }
    }
    return crc16(key, start, end) & (COUNT - 1);
  }

  /*
   * Four bytes a step: TABLES[n][b] is the checksum of byte b and n zeros behind it, and checksums of bytes in
   * different places add up by exclusive or. Each step then waits for one look-up and not for four.
   */
  private static int crc16(ByteBuffer bytes, int start, int end) {
    int crc = 0;
    int i = start;
    for (; i + 4 <= end; i += 4) {
      crc =
          TABLES[3][((crc >>> 8) ^ bytes.get(i)) & 0xff]
              ^ TABLES[2][(crc ^ bytes.get(i + 1)) & 0xff]
              ^ TABLES[1][bytes.get(i + 2) & 0xff]
              ^ TABLES[0][bytes.get(i + 3) & 0xff];
    }
    for (; i < end; i++) {
      crc = ((crc << 8) & 0xffff) ^ TABLES[0][((crc >>> 8) ^ bytes.get(i)) & 0xff];
    }
    return crc;
  }

  private static char[][] tables() {
    char[][] tables = new char[4][256];
    for (int i = 0; i < 256; i++) {
      int crc = i << 8;
      for (int zeros = 0; zeros < 4; zeros++) {
        for (int bit = 0; bit < 8; bit++) {
          crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
        }
        tables[zeros][i] = (char) crc;
        crc &= 0xffff;
      }
    }
    return tables;
  }
}
