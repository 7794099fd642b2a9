package io.ringkeep.repository.object;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.store.NoSuchObjectException;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The layout of an object.
///
/// FORMAT (big-endian)
///
/// | offset | bytes | field                                                                  |
/// |--------|-------|------------------------------------------------------------------------|
/// | 0      | 4     | magic `RKOB`                                                           |
/// | 4      | 2     | format, 1                                                              |
/// | 6      | 1     | kind                                                                   |
/// | 7      | 1     | cipher: 0 none, 1 AES-256-GCM                                          |
/// | 8      | 32    | salt, random                                                           |
/// | 40     | 4     | CRC32C of bytes 0–39                                                   |
/// | 44     | …     | segments: 64 KiB of content each, the last one 0–64 KiB, with its seal |
/// | end−32 | 32    | SHA-256 of everything before                                           |
///
/// A seal proves its segment's bytes, its number, whether it is the last, the header, and the
/// object's identity (repository and name). With cipher 1 it is GCM's 16-byte tag behind the
/// ciphertext; with cipher 0 it is 4 bytes of CRC32C behind the content. See [SegmentCodec].
///
/// VALIDITY: the last segment is full or short, and empty only if it is the only one. So the
/// content's length follows from the stored length, and an object can be written without knowing it
/// before.
///
/// READING: a range needs the header and the segments it touches. Whoever reads all compares the
/// digest too; whoever has no key (`scrub`) compares the digest alone.
///
/// HISTORY: every format keeps the header's 44 bytes in this shape, so that a reader can tell a
/// newer object from a damaged one.
final class ObjectFormat {
  static final int FORMAT = 1;
  static final int HEADER_BYTES = 44;
  static final int SALT_BYTES = 32;
  static final int SEGMENT_BYTES = 1 << 16;
  static final int DIGEST_BYTES = 32;

  private static final int MAGIC = 0x524b4f42;
  private static final int SALT_OFFSET = 8;
  private static final int CRC_OFFSET = 40;

  private ObjectFormat() {}

  /// Builds a header.
  static byte[] header(ObjectKind kind, Encryption encryption, byte[] salt) {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.putInt(MAGIC).putShort((short) FORMAT);
    header.put((byte) kind.code()).put((byte) encryption.code()).put(salt);
    header.putInt(crc(header));
    return header.array();
  }

  static byte[] salt(byte[] header) {
    return Arrays.copyOfRange(header, SALT_OFFSET, SALT_OFFSET + SALT_BYTES);
  }

  /// Checks a header.
  ///
  /// @param bytes 44 bytes from position 0 on
  static byte[] parse(String name, ByteBuffer bytes, ObjectKind kind, Encryption encryption) {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.put(0, bytes, 0, HEADER_BYTES);
    if (header.getInt(0) != MAGIC) {
      throw corrupt(name, 0, "not an object", "RKOB", hex8(header.getInt(0)));
    }
    int crc = header.getInt(CRC_OFFSET);
    int actual = crc(header);
    if (crc != actual) {
      throw corrupt(name, CRC_OFFSET, "header checksum mismatch", hex8(crc), hex8(actual));
    }
    int format = Short.toUnsignedInt(header.getShort(4));
    if (format != FORMAT) {
      throw new UnsupportedFormat(
          "object format is not supported: object=%s format=%d newest=%d"
              .formatted(name, format, FORMAT),
          "use the version of Ringkeep that wrote it, or a newer one");
    }
    if (header.get(6) != kind.code()) {
      throw corrupt(name, 6, "object kind mismatch", kind.name(), "kind " + header.get(6));
    }
    if (header.get(7) != encryption.code()) {
      throw corrupt(
          name, 7, "object cipher mismatch", encryption.wireName(), "cipher " + header.get(7));
    }
    return header.array();
  }

  /// Bytes of content in an object of `storedBytes`.
  static long contentBytes(String name, long storedBytes, int sealBytes) {
    long sealed = storedBytes - HEADER_BYTES - DIGEST_BYTES;
    int fullSegment = SEGMENT_BYTES + sealBytes;
    long rest = sealed % fullSegment;
    boolean empty = sealed == sealBytes;
    if (sealed < sealBytes || (rest != 0 && rest <= sealBytes && !empty)) {
      throw truncated(name, storedBytes, null);
    }
    return sealed - Math.ceilDiv(sealed, fullSegment) * sealBytes;
  }

  static byte[] identity(String repositoryId, String name) {
    return (repositoryId + "/" + name).getBytes(StandardCharsets.US_ASCII);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  static void compareDigests(String name, long offset, byte[] expected, byte[] actual) {
    if (!MessageDigest.isEqual(expected, actual)) {
      HexFormat hex = HexFormat.of();
      throw corrupt(
          name, offset, "object hash mismatch", hex.formatHex(expected), hex.formatHex(actual));
    }
  }

  static CorruptData missing(String name, NoSuchObjectException cause) {
    return new CorruptData("object is missing: object=" + name, HINT, cause);
  }

  static CorruptData truncated(String name, long offset, @Nullable EOFException cause) {
    return new CorruptData(
        "object is truncated: object=%s offset=%d".formatted(name, offset), HINT, cause);
  }

  static final String HINT = "run 'verify' to learn what is affected, and use another copy";

  private static CorruptData corrupt(
      String name, long offset, String what, String expected, String actual) {
    return new CorruptData(
        "%s: object=%s offset=%d expected=%s actual=%s"
            .formatted(what, name, offset, expected, actual),
        HINT,
        null);
  }

  private static String hex8(int value) {
    return "%08x".formatted(value);
  }

  private static int crc(ByteBuffer header) {
    CRC32C crc = new CRC32C();
    crc.update(header.slice(0, CRC_OFFSET));
    return (int) crc.getValue();
  }
}
