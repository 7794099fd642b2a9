package io.ringkeep.store.sftp;

import static io.ringkeep.store.sftp.SftpProtocol.HAS_EXTENDED;
import static io.ringkeep.store.sftp.SftpProtocol.HAS_MODE;
import static io.ringkeep.store.sftp.SftpProtocol.HAS_OWNER;
import static io.ringkeep.store.sftp.SftpProtocol.HAS_SIZE;
import static io.ringkeep.store.sftp.SftpProtocol.HAS_TIMES;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the server answered to one request.
///
/// @param type one of the replies in [SftpProtocol]
/// @param fields what follows the id; read once
record SftpReply(int type, ByteBuffer fields) {

  /// A file of the server.
  ///
  /// @param kind regular file, folder or neither
  /// @param sizeBytes 0 if the server did not say
  /// @param modified seconds since 1970 by the server's clock; 0 if it did not say
  record Attributes(Kind kind, long sizeBytes, long modified) {
    boolean isFile() {
      return kind == Kind.FILE;
    }

    boolean isFolder() {
      return kind == Kind.FOLDER;
    }
  }

  /// What a name stands for.
  enum Kind {
    FILE,
    FOLDER,
    /// A symbolic link, a device, a socket.
    OTHER,
    /// The server did not say.
    UNKNOWN
  }

  /// A name in a folder.
  record Entry(String name, Attributes attributes) {}

  /// The status code.
  ///
  /// @throws IOException if this is no status
  int status() throws IOException {
    require(SftpProtocol.REPLY_STATUS);
    return integer(fields.duplicate());
  }

  /// What the server says beside a status; servers of version 3 may say nothing.
  String statusText() {
    try {
      ByteBuffer rest = fields.duplicate();
      integer(rest);
      String text = UTF_8.decode(string(rest)).toString().strip();
      return text.isEmpty() ? "none" : text;
    } catch (IOException e) {
      return "none";
    }
  }

  /// The server's name for an open file or folder, good for its own channel alone.
  ByteBuffer handle() throws IOException {
    require(SftpProtocol.REPLY_HANDLE);
    return string(fields);
  }

  /// The bytes of a file.
  ByteBuffer data() throws IOException {
    require(SftpProtocol.REPLY_DATA);
    return string(fields);
  }

  Attributes attributes() throws IOException {
    require(SftpProtocol.REPLY_ATTRS);
    return attributes(fields);
  }

  List<Entry> entries() throws IOException {
    require(SftpProtocol.REPLY_NAME);
    int count = integer(fields);
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = UTF_8.decode(string(fields)).toString();
      string(fields); // The line of an `ls -l`.
      entries.add(new Entry(name, attributes(fields)));
    }
    return entries;
  }

  /// Of a reply to `statvfs@openssh.com`: block size, fragment size, then blocks of that size in
  /// all, free, and free for this user.
  long freeBytes() throws IOException {
    require(SftpProtocol.REPLY_EXTENDED);
    longInteger(fields);
    long fragment = longInteger(fields);
    longInteger(fields);
    longInteger(fields);
    return fragment * longInteger(fields);
  }

  /// Extensions that a greeting names, with their versions.
  static Map<String, String> extensions(ByteBuffer fields) throws IOException {
    Map<String, String> extensions = new HashMap<>();
    while (fields.hasRemaining()) {
      String name = UTF_8.decode(string(fields)).toString();
      extensions.put(name, UTF_8.decode(string(fields)).toString());
    }
    return extensions;
  }

  private void require(int wanted) throws IOException {
    if (type != wanted) {
      throw new IOException("unexpected SFTP reply: expected=" + wanted + " actual=" + type);
    }
  }

  private static Attributes attributes(ByteBuffer from) throws IOException {
    int has = integer(from);
    long size = (has & HAS_SIZE) != 0 ? longInteger(from) : 0;
    if ((has & HAS_OWNER) != 0) {
      longInteger(from);
    }
    Kind kind = (has & HAS_MODE) != 0 ? kind(integer(from)) : Kind.UNKNOWN;
    long modified = 0;
    if ((has & HAS_TIMES) != 0) {
      integer(from);
      modified = Integer.toUnsignedLong(integer(from));
    }
    if ((has & HAS_EXTENDED) != 0) {
      for (int count = integer(from); count > 0; count--) {
        string(from);
        string(from);
      }
    }
    return new Attributes(kind, size, modified);
  }

  /// Source: the file type bits of `st_mode` in POSIX, which version 3 sends as they are.
  private static Kind kind(int mode) {
    return switch (mode & 0170000) {
      case 0100000 -> Kind.FILE;
      case 0040000 -> Kind.FOLDER;
      case 0 -> Kind.UNKNOWN;
      default -> Kind.OTHER;
    };
  }

  private static int integer(ByteBuffer from) throws IOException {
    if (from.remaining() < Integer.BYTES) {
      throw new IOException("SFTP reply ends early");
    }
    return from.getInt();
  }

  private static long longInteger(ByteBuffer from) throws IOException {
    long high = integer(from);
    return high << 32 | Integer.toUnsignedLong(integer(from));
  }

  private static ByteBuffer string(ByteBuffer from) throws IOException {
    int length = integer(from);
    if (length < 0 || length > from.remaining()) {
      throw new IOException("malformed SFTP reply: length=" + length);
    }
    ByteBuffer string = from.slice(from.position(), length);
    from.position(from.position() + length);
    return string;
  }
}
