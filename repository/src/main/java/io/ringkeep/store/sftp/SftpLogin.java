package io.ringkeep.store.sftp;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.jcraft.jsch.AgentIdentityRepository;
import com.jcraft.jsch.AgentProxyException;
import com.jcraft.jsch.Identity;
import com.jcraft.jsch.IdentityRepository;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.SSHAgentConnector;
import com.jcraft.jsch.Session;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.InvalidRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Vector;
import org.jspecify.annotations.Nullable;

/// Who we say we are, and what proves it.
///
/// A key or a password that is named is all that is tried. Without one, the keys of the running
/// ssh-agent are, then `~/.ssh/id_ed25519`, `id_ecdsa` and `id_rsa`.
final class SftpLogin {
  /// Where passwords belong, as a hint says it.
  static final String PASSWORD_PLACE =
      "or put the password in a file for ?password-file= or in the environment variable"
          + " RINGKEEP_SFTP_PASSWORD";

  private static final String PASSWORD = "RINGKEEP_SFTP_PASSWORD";
  private static final String PASSPHRASE = "RINGKEEP_SFTP_PASSPHRASE";
  private static final String AGENT = "SSH_AUTH_SOCK";
  private static final List<String> USUAL_IDENTITIES = List.of("id_ed25519", "id_ecdsa", "id_rsa");

  private final String user;
  private final Path knownHosts;
  private final Optional<Path> identity;
  private final List<Path> usualIdentities;
  private final Optional<Path> agent;
  private final Optional<String> password;
  private final Optional<String> passphrase;

  /// @param environment has the secrets, and the place of the agent
  /// @param home folder of this process's user
  /// @throws InvalidRequest if a file that the location names is not there
  SftpLogin(SftpLocation location, Map<String, String> environment, Path home) {
    Path ssh = home.resolve(".ssh");
    user = location.user().orElseGet(() -> System.getProperty("user.name"));
    location.knownHosts().ifPresent(file -> requireReadable(file, "known-hosts"));
    location.identity().ifPresent(file -> requireReadable(file, "identity"));
    knownHosts = location.knownHosts().orElse(ssh.resolve("known_hosts"));
    identity = location.identity();
    password =
        location
            .passwordFile()
            .map(SftpLogin::firstLine)
            .or(() -> Optional.ofNullable(environment.get(PASSWORD)));
    passphrase = Optional.ofNullable(environment.get(PASSPHRASE));
    boolean usual = identity.isEmpty() && password.isEmpty();
    usualIdentities =
        usual
            ? USUAL_IDENTITIES.stream().map(ssh::resolve).filter(Files::isReadable).toList()
            : List.of();
    agent =
        Optional.ofNullable(environment.get(AGENT))
            .filter(socket -> usual && !socket.isEmpty())
            .map(Path::of);
  }

  private static void requireReadable(Path file, String option) {
    if (!Files.isReadable(file)) {
      throw new InvalidRequest(
          "a file that the SFTP URL names can't be read: option=%s file=%s".formatted(option, file),
          "correct the path, or who may read it");
    }
  }

  private static String firstLine(Path file) {
    requireReadable(file, "password-file");
    try {
      return Files.readString(file, UTF_8).lines().findFirst().orElse("");
    } catch (IOException e) {
      throw new InvalidRequest(
          "a file that the SFTP URL names can't be read: option=password-file file=" + file, null);
    }
  }

  String user() {
    return user;
  }

  /// Need not be there.
  Path knownHosts() {
    return knownHosts;
  }

  /// Arms a session.
  void applyTo(JSch jsch, Session session) {
    session.setConfig("PreferredAuthentications", "publickey,password,keyboard-interactive");
    password.ifPresent(word -> session.setPassword(word.getBytes(UTF_8)));
    for (Path file : usualIdentities) {
      addUsual(jsch, file);
    }
    if (identity.isPresent()) {
      addNamed(jsch, identity.get());
    }
    if (agent.isPresent()) {
      try {
        jsch.setIdentityRepository(
            new WithAgent(
                new AgentIdentityRepository(new SSHAgentConnector(agent.get())),
                jsch.getIdentityRepository()));
      } catch (AgentProxyException e) {
        // No agent then: files may do.
      }
    }
  }

  private void addUsual(JSch jsch, Path file) {
    try {
      jsch.addIdentity(file.toString(), phrase());
    } catch (JSchException e) {
      return; // A key of a kind that is not known here; others may do.
    }
    // Jsch ends a login at a key that it can't open, where others would do.
    IdentityRepository keys = jsch.getIdentityRepository();
    for (Identity key : keys.getIdentities()) {
      if (key.isEncrypted()) {
        keys.remove(key.getPublicKeyBlob());
      }
    }
  }

  private void addNamed(JSch jsch, Path file) {
    try {
      jsch.addIdentity(file.toString(), phrase());
    } catch (JSchException e) {
      if (String.valueOf(e.getMessage()).startsWith("Incorrect passphrase")) {
        throw locked("the passphrase does not open the private key: file=" + file, e);
      }
      throw new AccessDenied(
          "the private key can't be read: file=%s reason=%s".formatted(file, e.getMessage()),
          "name a private key that ssh-keygen made",
          e);
    }
    if (jsch.getIdentityRepository().getIdentities().stream().anyMatch(Identity::isEncrypted)) {
      throw locked("the private key needs its passphrase: file=" + file, null);
    }
  }

  private static AccessDenied locked(String message, @Nullable Throwable cause) {
    return new AccessDenied(
        message, "put its passphrase in the environment variable " + PASSPHRASE, cause);
  }

  private byte @Nullable [] phrase() {
    return passphrase.map(phrase -> phrase.getBytes(UTF_8)).orElse(null);
  }

  /// What to tell whoever was not let in. The server said which ways there are, not what was wrong.
  AccessDenied refused(SftpLocation location, Exception cause) {
    return new AccessDenied(
        "the SFTP server does not let us in: server=%s user=%s tried=%s says=%s"
            .formatted(location.server(), user, tried(), cause.getMessage()),
        "name a key of this user with ?identity=, " + PASSWORD_PLACE,
        cause);
  }

  private String tried() {
    if (identity.isPresent() || password.isPresent()) {
      return identity.map(file -> "key " + file).orElse("")
          + (identity.isPresent() && password.isPresent() ? " and " : "")
          + (password.isPresent() ? "password" : "");
    }
    String files = String.join(" ", usualIdentities.stream().map(Path::toString).toList());
    String all = (agent.isPresent() ? "ssh-agent " : "") + files;
    return all.isEmpty() ? "nothing" : all.strip();
  }

  /// The keys of an agent, then those of files; nothing is ever added to an agent.
  private record WithAgent(IdentityRepository held, IdentityRepository files)
      implements IdentityRepository {
    @Override
    public String getName() {
      return held.getName();
    }

    @Override
    public int getStatus() {
      return RUNNING;
    }

    @Override
    public Vector<Identity> getIdentities() {
      Vector<Identity> all = new Vector<>(held.getIdentities());
      all.addAll(files.getIdentities());
      return all;
    }

    @Override
    public boolean add(byte[] key) {
      return files.add(key);
    }

    @Override
    public boolean remove(byte[] key) {
      return files.remove(key);
    }

    @Override
    public void removeAll() {
      files.removeAll();
    }
  }
}
