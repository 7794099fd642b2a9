package io.ringkeep.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.CopyOption;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.security.PublicKey;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.sftp.SftpModuleProperties;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.SftpFileSystemAccessor;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.apache.sshd.sftp.server.SftpSubsystemProxy;
import org.jspecify.annotations.Nullable;

/// Apache MINA's server in this process: what it announces and when its disk is full is up to the
/// test. Its `/` is [#writableFolder].
public final class InProcessSftpServer extends TestSftpServer {
  private static final String USER = "keeper";

  private final TestSshKey hostKey;
  private final Path folder;
  private final Set<TestSshKey> keys;
  private final Optional<String> password;
  private final Optional<String> extensions;

  private final int port = Ports.free();
  private @Nullable SshServer server;

  // Written by the test, read by the server's threads.
  private volatile long mostBytes = Long.MAX_VALUE;
  private volatile Runnable beforeNaming = () -> {};
  private volatile Runnable afterNaming = () -> {};
  private volatile boolean renameReplaces;

  private InProcessSftpServer(
      TestSshKey hostKey,
      Path folder,
      Set<TestSshKey> keys,
      Optional<String> password,
      Optional<String> extensions) {
    this.hostKey = hostKey;
    this.folder = folder;
    this.keys = keys;
    this.password = password;
    this.extensions = extensions;
    restart();
  }

  /// A server that knows all extensions and lets in who has one of these keys.
  ///
  /// @param folder its keys and files go to new folders in it
  public static InProcessSftpServer start(Path folder, TestSshKey... keys) {
    return new InProcessSftpServer(
        hostKey(folder), files(folder), Set.of(keys), Optional.empty(), Optional.empty());
  }

  /// A server that lets in who knows the password.
  public static InProcessSftpServer withPassword(Path folder, String password) {
    return new InProcessSftpServer(
        hostKey(folder), files(folder), Set.of(), Optional.of(password), Optional.empty());
  }

  /// A server that announces these extensions of OpenSSH only: names with versions and commas
  /// between, such as `fsync@openssh.com=1`.
  public static InProcessSftpServer withExtensions(Path folder, String list, TestSshKey key) {
    return new InProcessSftpServer(
        hostKey(folder), files(folder), Set.of(key), Optional.empty(), Optional.of(list));
  }

  private static TestSshKey hostKey(Path folder) {
    return TestSshKey.make(folder.resolve("host-key"));
  }

  private static Path files(Path folder) {
    try {
      return Files.createDirectories(folder.resolve("files"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// From now on no file grows beyond this: the disk is full.
  public void fillDisk(long mostBytesOfAFile) {
    mostBytes = mostBytesOfAFile;
  }

  /// From now on this happens each time a file has been asked to be linked or renamed: before it is
  /// done, and when it is done but its client does not know yet.
  public void onNaming(Runnable before, Runnable after) {
    beforeNaming = before;
    afterNaming = after;
  }

  /// From now on a plain rename does what it must not: it replaces the file of that name.
  public void breakRename() {
    renameReplaces = true;
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public String user() {
    return USER;
  }

  @Override
  public TestSshKey hostKey() {
    return hostKey;
  }

  @Override
  public Path writableFolder() {
    return folder;
  }

  @Override
  public void restart() {
    SshServer ssh = SshServer.setUpDefaultServer();
    ssh.setHost(HOST);
    ssh.setPort(port);
    ssh.setKeyPairProvider(KeyPairProvider.wrap(hostKey.pair()));
    ssh.setPublickeyAuthenticator((name, key, session) -> USER.equals(name) && isKnown(key));
    ssh.setPasswordAuthenticator(
        (name, word, session) -> USER.equals(name) && password.filter(word::equals).isPresent());
    ssh.setFileSystemFactory(new VirtualFileSystemFactory(folder));
    SftpSubsystemFactory sftp = new SftpSubsystemFactory();
    sftp.setFileSystemAccessor(new Disk());
    ssh.setSubsystemFactories(List.of(sftp));
    // Without it each small reply waits 40 ms for the client's next packet.
    CoreModuleProperties.TCP_NODELAY.set(ssh, true);
    extensions.ifPresent(list -> SftpModuleProperties.OPENSSH_EXTENSIONS.set(ssh, list));
    try {
      ssh.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server = ssh;
  }

  private boolean isKnown(PublicKey key) {
    return keys.stream().anyMatch(known -> KeyUtils.compareKeys(known.pair().getPublic(), key));
  }

  @Override
  public void stop() {
    SshServer running = server;
    server = null;
    if (running != null) {
      try {
        running.stop(/* immediately= */ true);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    stop();
  }

  private interface Naming {
    void run() throws IOException;
  }

  /// The files as they are, until the test wants something else.
  private final class Disk implements SftpFileSystemAccessor {
    @Override
    public SeekableByteChannel openFile(
        SftpSubsystemProxy subsystem,
        FileHandle fileHandle,
        Path file,
        String handle,
        Set<? extends OpenOption> options,
        FileAttribute<?>... attributes)
        throws IOException {
      return new Limited(
          SftpFileSystemAccessor.super.openFile(
              subsystem, fileHandle, file, handle, options, attributes),
          file);
    }

    @Override
    public void createLink(SftpSubsystemProxy subsystem, Path link, Path existing, boolean symbolic)
        throws IOException {
      naming(() -> SftpFileSystemAccessor.super.createLink(subsystem, link, existing, symbolic));
    }

    @Override
    public void renameFile(
        SftpSubsystemProxy subsystem, Path from, Path to, Collection<CopyOption> how)
        throws IOException {
      Collection<CopyOption> actually =
          renameReplaces ? List.of(StandardCopyOption.REPLACE_EXISTING) : how;
      naming(() -> SftpFileSystemAccessor.super.renameFile(subsystem, from, to, actually));
    }

    private void naming(Naming naming) throws IOException {
      beforeNaming.run();
      try {
        naming.run();
      } finally {
        afterNaming.run();
      }
    }

    @Override
    public void syncFileData(
        SftpSubsystemProxy subsystem,
        FileHandle fileHandle,
        Path file,
        String handle,
        Channel channel)
        throws IOException {
      SftpFileSystemAccessor.super.syncFileData(
          subsystem, fileHandle, file, handle, ((Limited) channel).file);
    }
  }

  private final class Limited implements SeekableByteChannel {
    private final SeekableByteChannel file;
    private final Path path;

    Limited(SeekableByteChannel file, Path path) {
      this.file = file;
      this.path = path;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      if (file.position() + from.remaining() > mostBytes) {
        throw new FileSystemException(path.toString(), null, "No space left on device");
      }
      return file.write(from);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      return file.read(into);
    }

    @Override
    public long position() throws IOException {
      return file.position();
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
      file.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public SeekableByteChannel truncate(long size) throws IOException {
      file.truncate(size);
      return this;
    }

    @Override
    public boolean isOpen() {
      return file.isOpen();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
