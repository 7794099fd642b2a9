package io.ringkeep.store.sftp;

import com.jcraft.jsch.HostKey;
import com.jcraft.jsch.HostKeyRepository;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchChangedHostKeyException;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.JSchHostKeyException;
import com.jcraft.jsch.UserInfo;
import io.ringkeep.model.BackupException.AccessDenied;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// The keys of servers that are known, read from a `known_hosts` file and never written to it; and
/// the key that a server showed, so that a refusal can name it.
final class HostKeys implements HostKeyRepository {
  private final HostKeyRepository known;
  private final SftpLocation location;
  private final Path file;

  /// Of the last server that was checked.
  private byte @Nullable [] shown;

  private HostKeys(HostKeyRepository known, SftpLocation location, Path file) {
    this.known = known;
    this.location = location;
    this.file = file;
  }

  /// @param file need not be there: then no server is known
  static HostKeys load(JSch jsch, SftpLocation location, Path file) throws JSchException {
    jsch.setKnownHosts(file.toString());
    return new HostKeys(jsch.getHostKeyRepository(), location, file);
  }

  @Override
  public int check(String host, byte[] key) {
    shown = key.clone();
    return known.check(host, key);
  }

  /// What to tell whoever wanted to connect.
  AccessDenied refused(JSchHostKeyException cause) {
    byte[] key = shown;
    if (key == null) {
      return new AccessDenied(
          "the server's key was refused: server=%s known-hosts=%s reason=%s"
              .formatted(location.server(), file, cause.getMessage()),
          "compare its keys with those in the file",
          cause);
    }
    if (cause instanceof JSchChangedHostKeyException) {
      return new AccessDenied(
          "the server's key has changed: server=%s known-hosts=%s key=%s"
              .formatted(location.server(), file, fingerprint(key)),
          ("someone may stand between; if its keys were renewed, remove the old one with"
                  + " ssh-keygen -R '%s' -f %s and add: %s")
              .formatted(location.knownHostsName(), file, line(key)),
          cause);
    }
    return new AccessDenied(
        "the server's key is not known: server=%s known-hosts=%s key=%s"
            .formatted(location.server(), file, fingerprint(key)),
        "if it is the server's own (ssh-keyscan -p %d %s, compared there), add this line to the file: %s"
            .formatted(location.port(), location.host(), line(key)),
        cause);
  }

  /// As `ssh-keygen -l` prints it.
  private static String fingerprint(byte[] key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key);
      return type(key) + " SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private String line(byte[] key) {
    return "%s %s %s"
        .formatted(location.knownHostsName(), type(key), Base64.getEncoder().encodeToString(key));
  }

  /// A key begins with the length and the name of its kind (RFC 4253, 6.6).
  private static String type(byte[] key) {
    int length = key.length < 4 ? 0 : key[3];
    return 4 + length > key.length
        ? "unknown"
        : new String(key, 4, length, StandardCharsets.US_ASCII);
  }

  @Override
  public void add(HostKey key, UserInfo user) {
    throw new IllegalStateException("keys of servers are never added by the product");
  }

  @Override
  public void remove(String host, String type) {
    throw new IllegalStateException("keys of servers are never removed by the product");
  }

  @Override
  public void remove(String host, String type, byte[] key) {
    throw new IllegalStateException("keys of servers are never removed by the product");
  }

  @Override
  public String getKnownHostsRepositoryID() {
    return known.getKnownHostsRepositoryID();
  }

  @Override
  public HostKey[] getHostKey() {
    return known.getHostKey();
  }

  @Override
  public HostKey[] getHostKey(String host, @Nullable String type) {
    return known.getHostKey(host, type);
  }
}
