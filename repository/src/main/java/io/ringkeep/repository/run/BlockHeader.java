package io.ringkeep.repository.run;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/// The 32 bytes before each block, see [RunFormat].
///
/// @param storedLength bytes of the body as stored
/// @param payloadLength bytes of RDB body
/// @param tableLength bytes of the table behind it
/// @param entries records and tombstones that begin in this block
/// @param compression [#PLAIN] or [#ZSTD]
/// @param continued true if the block's last record goes on in the next block
/// @param bodyCrc CRC32C of payload and table
/// @param number of the block in its run, from 0
record BlockHeader(
    int storedLength,
    int payloadLength,
    int tableLength,
    int entries,
    int compression,
    boolean continued,
    int bodyCrc,
    int number) {
  static final int PLAIN = 0;
  static final int ZSTD = 1;

  private static final int CRC_AT = 28;

  /// Writes the header; its checksum covers the run's id too, so that a block of another run is
  /// noticed.
  void put(ByteBuffer into, int at, String run) {
    ByteBuffer header = into.slice(at, RunFormat.BLOCK_HEADER_BYTES);
    header
        .putInt(storedLength)
        .putInt(payloadLength)
        .putInt(tableLength)
        .putInt(entries)
        .put((byte) compression)
        .put((byte) (continued ? 1 : 0))
        .putShort((short) 0)
        .putInt(bodyCrc)
        .putInt(number);
    header.putInt(CRC_AT, crc(header, run));
  }

  /// Reads the header of the block that starts at `at` and ends before `end`.
  ///
  /// @param place of the block, for the message
  static BlockHeader read(ByteBuffer from, int at, int end, String run, BlockPlace place) {
    if (end - at < RunFormat.BLOCK_HEADER_BYTES) {
      throw place.damaged("block is cut off", RunFormat.BLOCK_HEADER_BYTES, end - at);
    }
    ByteBuffer bytes = from.slice(at, RunFormat.BLOCK_HEADER_BYTES);
    int expected = bytes.getInt(CRC_AT);
    int actual = crc(bytes, run);
    if (expected != actual) {
      throw place.damaged("block header checksum mismatch", hex(expected), hex(actual));
    }
    BlockHeader header =
        new BlockHeader(
            bytes.getInt(),
            bytes.getInt(),
            bytes.getInt(),
            bytes.getInt(),
            bytes.get(),
            bytes.get() != 0,
            bytes.getInt(CRC_AT - 8),
            bytes.getInt(CRC_AT - 4));
    if (header.number != place.number()) {
      throw place.damaged("block stands in the wrong place", place.number(), header.number);
    }
    if (header.storedLength != end - at - RunFormat.BLOCK_HEADER_BYTES) {
      throw place.damaged(
          "block has another length than the index says",
          end - at,
          header.storedLength + RunFormat.BLOCK_HEADER_BYTES);
    }
    return header;
  }

  private static int crc(ByteBuffer header, String run) {
    CRC32C crc = new CRC32C();
    crc.update(run.getBytes(StandardCharsets.US_ASCII));
    crc.update(header.slice(0, CRC_AT));
    return (int) crc.getValue();
  }

  static String hex(int crc) {
    return "%08x".formatted(crc);
  }
}
