package io.ringkeep.client;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What the string at a backup key, or at one of its parts, holds. `docs/format/key-backup.md`
/// specifies it.
///
/// @param divided whether the parts are pieces of one value, and not copies of it
/// @param part number of this part, from 0, which is the backup key itself
/// @param createdMillis when the backup was made, by the server's clock, since 1970
/// @param expiryMillis when the key was to expire, since 1970; -1: never
/// @param key name of what was backed up
/// @param backupKey name of the backup
/// @param parts names of all parts, the backup key first
/// @param length bytes of the whole value, as dumped
/// @param digest SHA-256 of the whole value, as dumped
/// @param bytes of the value that this part holds
@SuppressWarnings("ArrayRecordComponent") // nobody compares these
record Envelope(
    boolean divided,
    int part,
    long createdMillis,
    long expiryMillis,
    byte[] key,
    byte[] backupKey,
    List<byte[]> parts,
    long length,
    byte[] digest,
    byte[] bytes) {
  /*
   * FORMAT  Big-endian. Magic "RKKB"; u8 version, 1; u8 kind: 0 copies, 1 pieces; u16 part; u64 created; i64 expiry;
   *         u32 length of the key, key; u32 length of the backup key, backup key; u16 number of parts, for each: u32
   *         length of its name, name; u64 length of the whole value; 32 bytes SHA-256 of it; 32 bytes SHA-256 of all that
   *         came before and of this part's bytes; this part's bytes up to the end.
   *
   * VALIDITY  The last digest must be right. Of pieces, all together must have the value's length and digest.
   */
  private static final int MAGIC = 0x524b4b42;
  private static final int VERSION = 1;
  private static final int DIGEST_BYTES = 32;
  private static final int FIXED_BYTES = 4 + 1 + 1 + 2 + 8 + 8 + 4 + 4 + 2 + 8 + 2 * DIGEST_BYTES;

  /// Bytes that an envelope begins with, whatever it holds.
  static final int MAGIC_BYTES = Integer.BYTES;

  /// True if a value begins as an envelope does.
  static boolean isOne(byte[] value) {
    return value.length >= MAGIC_BYTES && ByteBuffer.wrap(value).getInt() == MAGIC;
  }

  byte[] encode() {
    int size = FIXED_BYTES + key.length + backupKey.length + bytes.length;
    for (byte[] name : parts) {
      size = Math.addExact(size, Integer.BYTES + name.length);
    }
    ByteBuffer out = ByteBuffer.allocate(size);
    out.putInt(MAGIC).put((byte) VERSION).put((byte) (divided ? 1 : 0)).putShort((short) part);
    out.putLong(createdMillis).putLong(expiryMillis);
    out.putInt(key.length).put(key).putInt(backupKey.length).put(backupKey);
    out.putShort((short) parts.size());
    for (byte[] name : parts) {
      out.putInt(name.length).put(name);
    }
    out.putLong(length).put(digest);
    out.put(digestOf(out.array(), out.position(), bytes)).put(bytes);
    return out.array();
  }

  /// Takes a value apart and checks it.
  ///
  /// @param name where the value stood, for messages
  /// @throws InvalidRequest if it is something else than a backup
  /// @throws CorruptData if it is damaged
  static Envelope decode(byte[] value, String name) {
    if (!isOne(value)) {
      throw new InvalidRequest(
          "what is there is no backup of a key: key=" + name, "name the key that backup() wrote");
    }
    try {
      Read read = read(value, name);
      if (!Arrays.equals(read.own(), digestOf(value, read.head(), read.envelope().bytes()))) {
        throw damaged(name);
      }
      return read.envelope();
    } catch (BufferUnderflowException | NegativeArraySizeException e) {
      throw damaged(name);
    }
  }

  /// What a damaged one says, as far as it can be made out: nothing of it may be true.
  static Optional<Envelope> unchecked(byte[] value) {
    try {
      return isOne(value) ? Optional.of(read(value, "").envelope()) : Optional.empty();
    } catch (BufferUnderflowException | NegativeArraySizeException | UnsupportedFormat e) {
      return Optional.empty();
    }
  }

  /// An envelope, and what tells whether it is whole.
  ///
  /// @param head bytes before the digest
  /// @param own the digest
  @SuppressWarnings("ArrayRecordComponent") // nobody compares these
  private record Read(Envelope envelope, int head, byte[] own) {}

  private static Read read(byte[] value, String name) {
    ByteBuffer in = ByteBuffer.wrap(value).position(MAGIC_BYTES);
    int version = in.get();
    if (version != VERSION) {
      throw new UnsupportedFormat(
          "backup has a newer format: key=%s format=%d".formatted(name, version),
          "use the version of Ringkeep that wrote it");
    }
    boolean divided = in.get() == 1;
    int part = in.getShort();
    long created = in.getLong();
    long expiry = in.getLong();
    byte[] key = bytes(in, in.getInt());
    byte[] backupKey = bytes(in, in.getInt());
    List<byte[]> parts = new ArrayList<>();
    for (int left = in.getShort(); left > 0; left--) {
      parts.add(bytes(in, in.getInt()));
    }
    long length = in.getLong();
    byte[] digest = bytes(in, DIGEST_BYTES);
    int head = in.position();
    byte[] own = bytes(in, DIGEST_BYTES);
    byte[] bytes = bytes(in, in.remaining());
    return new Read(
        new Envelope(divided, part, created, expiry, key, backupKey, parts, length, digest, bytes),
        head,
        own);
  }

  /// SHA-256 of a value.
  static byte[] digestOf(byte[] value) {
    return sha256().digest(value);
  }

  private static byte[] digestOf(byte[] head, int length, byte[] rest) {
    MessageDigest sha256 = sha256();
    sha256.update(head, 0, length);
    return sha256.digest(rest);
  }

  private static byte[] bytes(ByteBuffer in, int length) {
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static CorruptData damaged(String name) {
    return new CorruptData(
        "backup is damaged: key=" + name,
        "use another backup, or a snapshot of a repository",
        null);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
