package io.ringkeep.store.sftp;

import io.ringkeep.store.sftp.SftpReplies.Pending;
import io.ringkeep.store.sftp.SftpReply.Attributes;
import io.ringkeep.store.sftp.SftpReply.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What can be done to the files of a server over one channel: one request each, unless said
/// otherwise.
///
/// Each method fails with an [SftpStatusException] if the server refuses, and with a
/// [ConnectionLostException] if it is not known what the server did.
final class SftpFiles {
  private static final int NO_ATTRIBUTES = 0;

  private final SftpChannel channel;

  SftpFiles(SftpChannel channel) {
    this.channel = channel;
  }

  SftpChannel channel() {
    return channel;
  }

  boolean has(String extension) {
    return channel.has(extension, "1");
  }

  /// What a name stands for, links not followed; empty if it stands for nothing.
  Optional<Attributes> look(String path) throws IOException {
    return attributes("lstat", path, SftpMessage.of(SftpProtocol.LSTAT).string(path));
  }

  /// What a name leads to, links followed; empty if it leads nowhere.
  Optional<Attributes> follow(String path) throws IOException {
    return attributes("stat", path, SftpMessage.of(SftpProtocol.STAT).string(path));
  }

  private Optional<Attributes> attributes(String what, String path, SftpMessage request)
      throws IOException {
    SftpReply reply = channel.ask(request);
    if (isStatus(reply) && reply.status() == SftpProtocol.NO_SUCH_FILE) {
      return Optional.empty();
    }
    refuseStatus(reply, what, path);
    return Optional.of(reply.attributes());
  }

  Attributes attributes(ByteBuffer handle, String path) throws IOException {
    SftpReply reply = channel.ask(SftpMessage.of(SftpProtocol.FSTAT).string(handle));
    refuseStatus(reply, "fstat", path);
    return reply.attributes();
  }

  /// Sets both times of a file, in seconds since 1970.
  void setTimes(String path, long seconds) throws IOException {
    require(
        "setstat",
        path,
        SftpMessage.of(SftpProtocol.SETSTAT)
            .string(path)
            .integer(SftpProtocol.HAS_TIMES)
            .integer((int) seconds)
            .integer((int) seconds));
  }

  /// Opens a file.
  ///
  /// @param how a sum of the ways in [SftpProtocol]
  /// @return the handle, which is the channel's
  ByteBuffer open(String path, int how) throws IOException {
    return opened(sendOpen(path, how), path);
  }

  Pending sendOpen(String path, int how) throws IOException {
    return channel.send(
        SftpMessage.of(SftpProtocol.OPEN).string(path).integer(how).integer(NO_ATTRIBUTES));
  }

  ByteBuffer opened(Pending pending, String path) throws IOException {
    SftpReply reply = pending.await();
    refuseStatus(reply, "open", path);
    return reply.handle();
  }

  void close(ByteBuffer handle, String path) throws IOException {
    require("close", path, SftpMessage.of(SftpProtocol.CLOSE).string(handle));
  }

  /// Closes a file that was only read; nobody waits for the answer.
  void forget(ByteBuffer handle) {
    try {
      channel.send(SftpMessage.of(SftpProtocol.CLOSE).string(handle));
    } catch (IOException e) {
      // The channel is gone, and the handle with it.
    }
  }

  void sync(ByteBuffer handle, String path) throws IOException {
    require("fsync", path, SftpMessage.extended(SftpProtocol.FSYNC).string(handle));
  }

  /// Gives a file a second name, unless that is taken.
  void link(String from, String to) throws IOException {
    require("hardlink", to, SftpMessage.extended(SftpProtocol.HARD_LINK).string(from).string(to));
  }

  /// Gives a file another name, which may be taken by a file: that one is gone then.
  void replace(String from, String to) throws IOException {
    require(
        "posix-rename",
        to,
        SftpMessage.extended(SftpProtocol.POSIX_RENAME).string(from).string(to));
  }

  /// Gives a file another name. By the draft (6.5) that fails if the name is taken.
  void rename(String from, String to) throws IOException {
    require("rename", to, SftpMessage.of(SftpProtocol.RENAME).string(from).string(to));
  }

  void remove(String path) throws IOException {
    require("remove", path, SftpMessage.of(SftpProtocol.REMOVE).string(path));
  }

  void makeFolder(String path) throws IOException {
    require("mkdir", path, SftpMessage.of(SftpProtocol.MKDIR).string(path).integer(NO_ATTRIBUTES));
  }

  /// All names in a folder but `.` and `..`; several requests.
  List<Entry> list(String path) throws IOException {
    SftpReply opened = channel.ask(SftpMessage.of(SftpProtocol.OPENDIR).string(path));
    refuseStatus(opened, "opendir", path);
    ByteBuffer handle = opened.handle();
    List<Entry> all = new ArrayList<>();
    try {
      while (true) {
        SftpReply reply = channel.ask(SftpMessage.of(SftpProtocol.READDIR).string(handle));
        if (isStatus(reply) && reply.status() == SftpProtocol.END_OF_FILE) {
          return all;
        }
        refuseStatus(reply, "readdir", path);
        all.addAll(reply.entries());
      }
    } finally {
      forget(handle);
    }
  }

  /// What this user may still write to the file system of a file; empty if the server can't say.
  OptionalLong freeBytes(String path) throws IOException {
    if (!channel.has(SftpProtocol.FILE_SYSTEM, "2")) {
      return OptionalLong.empty();
    }
    SftpReply reply = channel.ask(SftpMessage.extended(SftpProtocol.FILE_SYSTEM).string(path));
    return isStatus(reply) ? OptionalLong.empty() : OptionalLong.of(reply.freeBytes());
  }

  private void require(String what, String path, SftpMessage request) throws IOException {
    requireDone(channel.ask(request), what, path);
  }

  void requireDone(SftpReply reply, String what, String path) throws IOException {
    int status = reply.status();
    if (status != SftpProtocol.OK) {
      throw refusal(reply, status, what, path);
    }
  }

  private void refuseStatus(SftpReply reply, String what, String path) throws IOException {
    if (isStatus(reply)) {
      throw refusal(reply, reply.status(), what, path);
    }
  }

  SftpStatusException refusal(SftpReply reply, int status, String what, String path) {
    return new SftpStatusException(channel.location(), what, path, status, reply.statusText());
  }

  static boolean isStatus(SftpReply reply) {
    return reply.type() == SftpProtocol.REPLY_STATUS;
  }
}
