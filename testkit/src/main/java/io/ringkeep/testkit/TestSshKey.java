package io.ringkeep.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyEncryptionContext;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.jspecify.annotations.Nullable;

/// A fresh key of a server or a user.
///
/// @param file the private key in OpenSSH's format, readable by its owner alone
/// @param line the public key as `authorized_keys` has it, such as `ecdsa-sha2-nistp256 AAAA…`
public record TestSshKey(Path file, String line, KeyPair pair) {
  private static final int PASSPHRASE_ROUNDS = 4;

  /// Makes a key and writes it to `file`.
  public static TestSshKey make(Path file) {
    return make(file, null);
  }

  /// Makes a key and writes it to `file`, locked by a passphrase.
  public static TestSshKey makeLocked(Path file, String passphrase) {
    OpenSSHKeyEncryptionContext lock = new OpenSSHKeyEncryptionContext();
    lock.setPassword(passphrase);
    lock.setCipherName("AES");
    lock.setCipherType("256");
    lock.setCipherMode("CTR");
    lock.setKdfRounds(PASSPHRASE_ROUNDS);
    return make(file, lock);
  }

  private static TestSshKey make(Path file, @Nullable OpenSSHKeyEncryptionContext lock) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, "test", lock, bytes);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(file, bytes.toByteArray());
      return new TestSshKey(file, PublicKeyEntry.toString(pair.getPublic()), pair);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
