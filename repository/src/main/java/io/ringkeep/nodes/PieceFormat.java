package io.ringkeep.nodes;

import io.ringkeep.model.BackupException.UnsupportedFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/// The layout of a piece.
///
/// FORMAT (big-endian)
///
/// | offset | bytes | field                                                                |
/// |--------|-------|----------------------------------------------------------------------|
/// | 0      | 4     | magic `RKPC`                                                         |
/// | 4      | 2     | format, 1                                                            |
/// | 6      | 1     | K, number of data pieces                                             |
/// | 7      | 1     | M, number of parity pieces                                           |
/// | 8      | 1     | index of this piece                                                  |
/// | 9      | 3     | zero                                                                 |
/// | 12     | 16    | identity: the first half of SHA-256 of node set id, `/`, object key  |
/// | 28     | 8     | upload: random, the same in all pieces that were written together    |
/// | 36     | 4     | CRC32C of bytes 0–35                                                 |
/// | 40     | …     | units, each with its CRC32C behind it                                |
/// | end−12 | 8     | length of the object                                                 |
/// | end−4  | 4     | CRC32C of the header and that length                                 |
///
/// The object's bytes are cut into stripes of K · 64 KiB; unit j of stripe s is bytes j · 64 KiB to
/// (j + 1) · 64 KiB of it and lies in piece j, at 40 + s · (64 KiB + 4). The last stripe may be
/// shorter: its units are a K-th of what is left, rounded up, the last ones filled with zeros.
/// Parity units are computed from a stripe's data units. With K = 1 a piece is a copy.
///
/// A unit's CRC32C covers the header, the unit's number (8 bytes) and its bytes: a unit that is
/// damaged, exchanged or repeated is found without a key, and rebuilt from those of other pieces.
/// Only pieces of one upload give an object: what a failed one has left is never mixed with those
/// of another.
final class PieceFormat {
  static final int FORMAT = 1;
  static final int HEADER_BYTES = 40;
  static final int UNIT_BYTES = 1 << 16;
  static final int CRC_BYTES = 4;
  static final int TRAILER_BYTES = 12;

  private static final int MAGIC = 0x524b5043;
  private static final int IDENTITY_OFFSET = 12;
  private static final int IDENTITY_BYTES = 16;
  private static final int UPLOAD_OFFSET = 28;
  private static final int CRC_OFFSET = 36;

  private PieceFormat() {}

  /// The header of a piece.
  ///
  /// @param upload as it was drawn when the object was written
  static ByteBuffer header(PieceName piece, String nodeSet, long upload) {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.putInt(MAGIC).putShort((short) FORMAT);
    header.put((byte) piece.data()).put((byte) piece.parity()).put((byte) piece.index());
    header.position(IDENTITY_OFFSET).put(identity(nodeSet, piece.object()), 0, IDENTITY_BYTES);
    header.putLong(upload);
    header.putInt(crc(header.slice(0, CRC_OFFSET)));
    return header.flip();
  }

  /// The upload that a stored header names.
  ///
  /// @throws PieceDamage if it is not the header of this piece
  /// @throws UnsupportedFormat if it is of a newer format
  static long upload(ByteBuffer stored, PieceName piece, String nodeSet) throws PieceDamage {
    long upload = stored.getLong(UPLOAD_OFFSET);
    if (stored.equals(header(piece, nodeSet, upload))) {
      return upload;
    }
    boolean whole =
        stored.getInt(0) == MAGIC && stored.getInt(CRC_OFFSET) == crc(stored.slice(0, CRC_OFFSET));
    if (whole && stored.getShort(4) != FORMAT) {
      throw new UnsupportedFormat(
          "piece format is not supported: piece=%s format=%d newest=%d"
              .formatted(piece.key(), stored.getShort(4), FORMAT),
          "use the version of Ringkeep that wrote it, or a newer one");
    }
    throw new PieceDamage(whole ? "belongs to another object or repository" : "header is damaged");
  }

  /// The checksum that stands behind a unit.
  static int unitCrc(ByteBuffer header, long number, ByteBuffer unit) {
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate());
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
    crc.update(unit.duplicate());
    return (int) crc.getValue();
  }

  /// What ends a piece.
  static ByteBuffer trailer(ByteBuffer header, long objectBytes) {
    ByteBuffer trailer = ByteBuffer.allocate(TRAILER_BYTES);
    trailer.putLong(objectBytes);
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate());
    crc.update(trailer.duplicate().flip());
    return trailer.putInt((int) crc.getValue()).flip();
  }

  /// Length of the object that a trailer names.
  ///
  /// @throws PieceDamage if the trailer is damaged
  static long objectBytes(ByteBuffer header, ByteBuffer trailer) throws PieceDamage {
    long bytes = trailer.getLong(0);
    if (bytes < 0 || !trailer(header, bytes).equals(trailer)) {
      throw new PieceDamage("end is damaged");
    }
    return bytes;
  }

  private static byte[] identity(String nodeSet, String object) {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest((nodeSet + "/" + object).getBytes(StandardCharsets.US_ASCII));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
