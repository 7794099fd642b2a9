package io.ringkeep.store.sftp;

import com.jcraft.jsch.ChannelSubsystem;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.JSchHostKeyException;
import com.jcraft.jsch.Session;
import com.jcraft.jsch.SocketFactory;
import io.ringkeep.model.BackupException.AccessDenied;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An SSH login and the bytes of its SFTP subsystem. The server's key is checked before anything
/// else is said.
final class SshConnection implements AutoCloseable {
  private final Session session;
  private final OutputStream requests;
  private final Dialer dialer;

  private SshConnection(Session session, OutputStream requests, Dialer dialer) {
    this.session = session;
    this.requests = requests;
    this.dialer = dialer;
  }

  /// Connects, checks the server, logs in and starts its SFTP subsystem.
  ///
  /// @param replies takes what the server sends, on a thread of the connection; closed when nothing
  ///   comes any more
  /// @throws ConnectionLostException if the server is not there or does not answer
  /// @throws AccessDenied if its key is not known, or it does not let us in
  static SshConnection open(
      SftpLocation location, SftpLogin login, SftpSettings settings, OutputStream replies)
      throws ConnectionLostException {
    Dialer dialer = new Dialer(settings.connect());
    HostKeys hostKeys = null;
    Session session = null;
    try {
      JSch jsch = new JSch();
      hostKeys = HostKeys.load(jsch, location, login.knownHosts());
      session = jsch.getSession(login.user(), location.host(), location.port());
      login.applyTo(jsch, session);
      session.setHostKeyRepository(hostKeys);
      session.setConfig("StrictHostKeyChecking", "yes");
      session.setSocketFactory(dialer);
      session.setDaemonThread(true);
      session.setServerAliveInterval((int) settings.keepAlive().toMillis());
      session.connect((int) settings.connect().toMillis());
      ChannelSubsystem channel = (ChannelSubsystem) session.openChannel("subsystem");
      channel.setSubsystem("sftp");
      channel.setOutputStream(replies);
      OutputStream requests = channel.getOutputStream();
      // With a timeout jsch sleeps through the whole of it when the connection breaks. Without one
      // it
      // looks each 10 ms, for 20 s at most, and keep-alive ends what is silent after that.
      channel.connect();
      return new SshConnection(session, requests, dialer);
    } catch (JSchException | IOException e) {
      if (session != null) {
        session.disconnect();
      }
      dialer.abort();
      throw explained(e, location, login, Optional.ofNullable(hostKeys), dialer);
    }
  }

  private static ConnectionLostException explained(
      Exception e,
      SftpLocation location,
      SftpLogin login,
      Optional<HostKeys> hostKeys,
      Dialer dialer) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof JSchHostKeyException refusal && hostKeys.isPresent()) {
      throw hostKeys.get().refused(refusal);
    }
    // A connection that breaks during the login ends with the same words as one that is refused.
    if (message.startsWith("Auth ") && dialer.failure() == null) {
      throw login.refused(location, e);
    }
    Throwable cause = dialer.failure() == null ? e : dialer.failure();
    return new ConnectionLostException(location, reason(cause), e);
  }

  private static String reason(Throwable cause) {
    if (cause instanceof UnknownHostException) {
      return "no such host";
    }
    return Optional.ofNullable(cause.getMessage()).orElse(cause.getClass().getSimpleName());
  }

  OutputStream requests() {
    return requests;
  }

  boolean isConnected() {
    return session.isConnected();
  }

  /// What ended the connection, if its socket did.
  @Nullable IOException failure() {
    return dialer.failure();
  }

  /// Closes the socket, which ends every read and write that hangs.
  void abort() {
    dialer.abort();
  }

  @Override
  public void close() {
    session.disconnect();
    dialer.abort();
  }

  /// Makes the one socket of a session, and remembers how it ended.
  private static final class Dialer implements SocketFactory {
    private final Duration timeout;
    private final Socket socket = new Socket();
    private volatile @Nullable IOException failure;

    Dialer(Duration timeout) {
      this.timeout = timeout;
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      try {
        socket.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
        return socket;
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public InputStream getInputStream(Socket connected) throws IOException {
      return new FilterInputStream(connected.getInputStream()) {
        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int start, int count) throws IOException {
          try {
            int read = super.read(into, start, count);
            if (read < 0) {
              failure = new IOException("the server closed the connection");
            }
            return read;
          } catch (SocketTimeoutException e) {
            throw e; // The session asks for a sign of life.
          } catch (IOException e) {
            failure = e;
            throw e;
          }
        }
      };
    }

    @Override
    public OutputStream getOutputStream(Socket connected) throws IOException {
      return connected.getOutputStream();
    }

    @Nullable IOException failure() {
      return failure;
    }

    void abort() {
      try {
        socket.close();
      } catch (IOException e) {
        // It is of no use any more either way.
      }
    }
  }
}
