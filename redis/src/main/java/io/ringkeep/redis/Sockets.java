package io.ringkeep.redis;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// Opens blocking sockets to servers, with TLS where asked for, and says why one failed.
public final class Sockets {
  private Sockets() {}

  /// A connected socket; TLS is established and verified. Reads wait up to `commandTimeout`.
  ///
  /// Tries every address of the host in turn.
  ///
  /// @throws Unavailable if nobody answers
  /// @throws AccessDenied if the server's certificate does not verify, or ours is not accepted
  /// @throws InvalidRequest if a TLS file is unusable or the server speaks no TLS
  public static Socket open(Endpoint endpoint, ConnectionOptions options) {
    try {
      Socket plain = connect(endpoint, options.connectTimeout());
      try {
        Socket socket = plain;
        if (options.tls().isPresent()) {
          socket = startTls(plain, endpoint, options.tls().get(), options.connectTimeout());
          awaitAnswer(socket, endpoint, options);
        }
        socket.setSoTimeout(millis(options.commandTimeout()));
        return socket;
      } catch (IOException | RuntimeException e) {
        plain.close();
        throw e;
      }
    } catch (IOException e) {
      throw failure(endpoint, options, e);
    }
  }

  private static Socket connect(Endpoint endpoint, Duration timeout) throws IOException {
    @Nullable IOException first = null;
    for (InetAddress address : InetAddress.getAllByName(endpoint.host())) {
      // A channel's socket: replication reads from the channel straight into direct buffers.
      Socket socket = SocketChannel.open().socket();
      try {
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
        socket.connect(new InetSocketAddress(address, endpoint.port()), millis(timeout));
        return socket;
      } catch (IOException e) {
        socket.close();
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    throw first != null ? first : new UnknownHostException(endpoint.host());
  }

  private static Socket startTls(Socket plain, Endpoint endpoint, TlsFiles files, Duration timeout)
      throws IOException {
    // A plain server may wait for the end of the line that it takes our hello for.
    plain.setSoTimeout(millis(timeout));
    SSLSocket socket =
        (SSLSocket)
            TlsContext.of(files)
                .getSocketFactory()
                .createSocket(plain, endpoint.host(), endpoint.port(), /* autoClose= */ true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    if (files.verification() == TlsFiles.Verification.FULL) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    socket.setSSLParameters(parameters);
    try {
      socket.startHandshake();
    } catch (SocketTimeoutException e) {
      throw new SSLException("no answer to the TLS handshake", e);
    }
    return socket;
  }

  /// TLS as the server's side over an accepted connection, with the certificate in `files`.
  ///
  /// @param consumed what was read off the connection already
  /// @throws IOException if the handshake fails; the connection is then of no use
  public static Socket acceptTls(Socket accepted, byte[] consumed, TlsFiles files, Duration timeout)
      throws IOException {
    accepted.setSoTimeout(millis(timeout));
    SSLSocket socket =
        (SSLSocket)
            TlsContext.of(files)
                .getSocketFactory()
                .createSocket(accepted, new ByteArrayInputStream(consumed), /* autoClose= */ true);
    socket.startHandshake();
    return socket;
  }

  /* With TLS 1.3 a server judges our certificate when the handshake is over for us, and its alert may
   * be lost in the reset that follows: only an answer proves that it let us in. */
  private static void awaitAnswer(Socket socket, Endpoint endpoint, ConnectionOptions options)
      throws IOException {
    StringBuilder answer = new StringBuilder();
    try {
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new EOFException();
        }
        answer.append((char) next);
      }
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      throw TlsContext.refused("server=" + endpoint, e);
    }
    if (ErrorReply.closesConnection(answer.toString())) {
      throw ErrorReply.of(endpoint, options, List.of("PING"), answer.substring(1).stripTrailing());
    }
  }

  /// What an I/O failure on a connection means to the operator.
  public static BackupException failure(
      Endpoint endpoint, ConnectionOptions options, IOException failure) {
    String server = "server=" + endpoint;
    if (failure instanceof SSLException) {
      return TlsContext.failure(server, failure);
    }
    return switch (failure) {
      case UnknownHostException unknown ->
          new Unavailable(
              "host name cannot be resolved: " + server, "check the name and the DNS", unknown);
      case ConnectException refused ->
          new Unavailable(
              "cannot connect: " + server + reason(refused),
              "is the server running, and its port reachable from here?",
              refused);
      case SocketTimeoutException timeout ->
          new Unavailable(
              "server does not answer in time: " + server,
              "check the network and the server's load, or allow more time",
              timeout);
      default ->
          new Unavailable(
              "connection lost: " + server + reason(failure), hintForLoss(options), failure);
    };
  }

  private static String reason(IOException failure) {
    String message = failure.getMessage();
    return message == null || failure instanceof EOFException ? "" : " reason=" + message;
  }

  private static String hintForLoss(ConnectionOptions options) {
    String hint = "the server closed the connection: see its log";
    return options.tls().isPresent() ? hint : hint + "; does its port speak TLS?";
  }

  /// As the socket API wants it: 0 would mean for ever.
  private static int millis(Duration timeout) {
    return Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
  }
}
