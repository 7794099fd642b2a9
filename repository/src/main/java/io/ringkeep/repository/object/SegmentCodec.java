package io.ringkeep.repository.object;

import io.ringkeep.repository.crypto.DataKey;
import io.ringkeep.repository.crypto.Encryption;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.zip.CRC32C;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/// Seals and opens the segments of one object. For one thread.
///
/// The nonce of a segment is its number in 8 bytes, 3 zero bytes, and 1 for the last segment, else
/// 0. A segment cannot be moved, repeated or left out, and an object cannot be cut at a segment's
/// border, without a nonce changing. Associated data is the header followed by the identity.
///
/// Buffers should be direct: the JDK's GCM on heap arrays runs at a fortieth of its speed until the
/// JIT compiler has warmed to it, which a short backup never sees.
abstract sealed class SegmentCodec {
  private static final int NONCE_BYTES = 12;

  /// Bytes that a seal adds to its segment.
  abstract int sealBytes();

  /// Writes a sealed segment.
  abstract void seal(long number, boolean last, ByteBuffer content, ByteBuffer sealed);

  /// Writes the content of a sealed segment.
  ///
  /// @return empty if the seal proves it, else what is wrong, as `expected=… actual=…`
  abstract Optional<String> open(long number, boolean last, ByteBuffer sealed, ByteBuffer content);

  static int sealBytes(Encryption encryption) {
    return switch (encryption) {
      case NONE -> Checksummed.SEAL_BYTES;
      case AES_256_GCM -> Encrypted.SEAL_BYTES;
    };
  }

  /// @param key present unless `encryption` is none
  static SegmentCodec of(
      Encryption encryption, Optional<DataKey> key, byte[] header, byte[] identity) {
    return switch (encryption) {
      case NONE -> new Checksummed(header, identity);
      case AES_256_GCM ->
          new Encrypted(key.orElseThrow().objectKey(ObjectFormat.salt(header)), header, identity);
    };
  }

  private static byte[] nonce(long number, boolean last) {
    return ByteBuffer.allocate(NONCE_BYTES)
        .putLong(0, number)
        .put(NONCE_BYTES - 1, (byte) (last ? 1 : 0))
        .array();
  }

  private static final class Encrypted extends SegmentCodec {
    static final int SEAL_BYTES = 16;
    private final SecretKey key;
    private final byte[] header;
    private final byte[] identity;
    private final Cipher cipher;

    Encrypted(SecretKey key, byte[] header, byte[] identity) {
      this.key = key;
      this.header = header;
      this.identity = identity;
      try {
        this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("this JDK has no AES-GCM", e);
      }
    }

    @Override
    int sealBytes() {
      return SEAL_BYTES;
    }

    @Override
    void seal(long number, boolean last, ByteBuffer content, ByteBuffer sealed) {
      try {
        begin(Cipher.ENCRYPT_MODE, number, last);
        cipher.doFinal(content, sealed);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("AES-GCM refused to encrypt", e);
      }
    }

    @Override
    Optional<String> open(long number, boolean last, ByteBuffer sealed, ByteBuffer content) {
      try {
        begin(Cipher.DECRYPT_MODE, number, last);
        cipher.doFinal(sealed, content);
        return Optional.empty();
      } catch (AEADBadTagException e) {
        return Optional.of("expected=authentic actual=damaged-or-foreign");
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("AES-GCM refused to decrypt", e);
      }
    }

    private void begin(int mode, long number, boolean last) throws GeneralSecurityException {
      cipher.init(mode, key, new GCMParameterSpec(SEAL_BYTES * Byte.SIZE, nonce(number, last)));
      cipher.updateAAD(header);
      cipher.updateAAD(identity);
    }
  }

  private static final class Checksummed extends SegmentCodec {
    static final int SEAL_BYTES = 4;
    private final byte[] header;
    private final byte[] identity;

    Checksummed(byte[] header, byte[] identity) {
      this.header = header;
      this.identity = identity;
    }

    @Override
    int sealBytes() {
      return SEAL_BYTES;
    }

    @Override
    void seal(long number, boolean last, ByteBuffer content, ByteBuffer sealed) {
      int checksum = checksum(number, last, content.duplicate());
      sealed.put(content).putInt(checksum);
    }

    @Override
    Optional<String> open(long number, boolean last, ByteBuffer sealed, ByteBuffer content) {
      int bytes = sealed.remaining() - SEAL_BYTES;
      ByteBuffer body = sealed.slice(sealed.position(), bytes);
      sealed.position(sealed.position() + bytes);
      int expected = sealed.getInt();
      int actual = checksum(number, last, body.duplicate());
      if (actual != expected) {
        return Optional.of("expected=%08x actual=%08x".formatted(expected, actual));
      }
      content.put(body);
      return Optional.empty();
    }

    private int checksum(long number, boolean last, ByteBuffer content) {
      CRC32C crc = new CRC32C();
      crc.update(header);
      crc.update(identity);
      crc.update(nonce(number, last));
      crc.update(content);
      return (int) crc.getValue();
    }
  }
}
