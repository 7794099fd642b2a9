package io.ringkeep.store.sftp;

import io.ringkeep.store.sftp.SftpReplies.Pending;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/// One SFTP channel over one SSH login, for any number of threads at once.
/* Jsch's own ChannelSftp knows files, not handles: it cannot send fsync@openssh.com, open a file
 * exclusively, tell a plain rename from posix-rename (it sends the latter wherever the server has
 * it), read into direct buffers, or give up on a server that is silent. So jsch carries bytes and
 * this class speaks the protocol: each request has an id, replies come in any order.
 *
 * A thread of its own sends, since a full window or socket would block whoever writes without
 * letting itself be interrupted. A second one looks whether answers still come: a server that has
 * an answer due and sends no byte for `reply` is given up, and its socket closed. */
final class SftpChannel implements AutoCloseable {
  private static final Duration SHORTEST_LOOK = Duration.ofMillis(20);
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(1);

  private final SftpLocation location;
  private final SshConnection ssh;
  private final SftpReplies replies;
  private final Duration replyTimeout;
  private final BlockingQueue<ByteBuffer> requests = new LinkedBlockingQueue<>();
  private final Thread sender;
  private final Thread watch;

  /// Written by the greeting alone, before anyone else has this object.
  private Map<String, String> extensions = Map.of();

  private SftpChannel(
      SftpLocation location, SshConnection ssh, SftpReplies replies, Duration replyTimeout) {
    this.location = location;
    this.ssh = ssh;
    this.replies = replies;
    this.replyTimeout = replyTimeout;
    this.sender = Thread.ofVirtual().name("sftp-sender").unstarted(this::sendAll);
    this.watch = Thread.ofVirtual().name("sftp-watch").unstarted(this::watch);
  }

  /// Logs in and greets.
  ///
  /// @throws ConnectionLostException if the server is not there, or speaks no SFTP
  static SftpChannel open(SftpLocation location, SftpLogin login, SftpSettings settings)
      throws IOException {
    SftpReplies replies = new SftpReplies(location);
    SshConnection ssh = SshConnection.open(location, login, settings, replies);
    SftpChannel channel = new SftpChannel(location, ssh, replies, settings.reply());
    channel.sender.start();
    channel.watch.start();
    try {
      channel.greet();
      return channel;
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  private void greet() throws IOException {
    Pending greeting = replies.expectGreeting();
    enqueue(SftpMessage.greeting().withId(greeting.id()));
    extensions = SftpReply.extensions(greeting.await().fields());
  }

  SftpLocation location() {
    return location;
  }

  /// Whether the server knows this extension in this version.
  boolean has(String extension, String version) {
    return version.equals(extensions.get(extension));
  }

  /// Requests that are under way.
  int waiting() {
    return replies.waiting();
  }

  boolean isBroken() {
    return replies.isBroken();
  }

  Pending send(SftpMessage request) throws IOException {
    return send(request, null);
  }

  /// Sends a request without waiting for its reply.
  ///
  /// @param into where bytes of a file go, from its position on
  Pending send(SftpMessage request, @Nullable ByteBuffer into) throws IOException {
    Pending reply = replies.expect(into);
    enqueue(request.withId(reply.id()));
    return reply;
  }

  private void enqueue(ByteBuffer message) {
    requests.add(message);
  }

  /// Sends a request and waits for its reply.
  SftpReply ask(SftpMessage request) throws IOException {
    return send(request).await();
  }

  private void sendAll() {
    try {
      OutputStream out = ssh.requests();
      while (true) {
        ByteBuffer request = requests.take();
        out.write(request.array(), request.arrayOffset(), request.remaining());
        if (requests.isEmpty()) {
          out.flush();
        }
      }
    } catch (IOException e) {
      giveUp(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private void watch() {
    try {
      while (!replies.isBroken()) {
        Thread.sleep(look());
        if (replies.isOverdue(replyTimeout)) {
          giveUp("no answer for " + replyTimeout.toMillis() + " ms", null);
        } else if (!ssh.isConnected()) {
          giveUp("the connection broke", ssh.failure());
        }
      }
    } catch (InterruptedException e) {
      // Closed.
    } finally {
      sender.interrupt();
    }
  }

  private Duration look() {
    Duration part = replyTimeout.dividedBy(10);
    return part.compareTo(SHORTEST_LOOK) < 0
        ? SHORTEST_LOOK
        : part.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : part;
  }

  /// Nobody waits any longer, and the socket goes whatever state it is in.
  private void giveUp(String reason, @Nullable Throwable cause) {
    replies.fail(reason, cause);
    ssh.abort();
  }

  @Override
  public void close() {
    if (replies.isBroken() || replies.waiting() > 0) {
      ssh.abort(); // A farewell could hang as the server does.
    }
    replies.fail("this side closed the connection", null);
    watch.interrupt();
    sender.interrupt();
    ssh.close();
  }
}
