package io.ringkeep.store.sftp;

/// Numbers of SFTP version 3.
///
/// Source: draft-ietf-secsh-filexfer-02, and the file PROTOCOL of OpenSSH for the extensions.
final class SftpProtocol {
  static final int VERSION = 3;

  // Requests.
  static final int INIT = 1;
  static final int OPEN = 3;
  static final int CLOSE = 4;
  static final int READ = 5;
  static final int WRITE = 6;
  static final int LSTAT = 7;
  static final int FSTAT = 8;
  static final int SETSTAT = 9;
  static final int OPENDIR = 11;
  static final int READDIR = 12;
  static final int REMOVE = 13;
  static final int MKDIR = 14;
  static final int STAT = 17;
  static final int RENAME = 18;
  static final int EXTENDED = 200;

  // Replies.
  static final int REPLY_VERSION = 2;
  static final int REPLY_STATUS = 101;
  static final int REPLY_HANDLE = 102;
  static final int REPLY_DATA = 103;
  static final int REPLY_NAME = 104;
  static final int REPLY_ATTRS = 105;
  static final int REPLY_EXTENDED = 201;

  // Ways to open a file.
  static final int OPEN_READ = 0x01;
  static final int OPEN_WRITE = 0x02;
  static final int OPEN_CREATE = 0x08;
  static final int OPEN_EXCLUSIVE = 0x20;

  // What a set of attributes has, in this order.
  static final int HAS_SIZE = 0x01;
  static final int HAS_OWNER = 0x02;
  static final int HAS_MODE = 0x04;
  static final int HAS_TIMES = 0x08;
  static final int HAS_EXTENDED = 0x80000000;

  // Status codes.
  static final int OK = 0;
  static final int END_OF_FILE = 1;
  static final int NO_SUCH_FILE = 2;
  static final int PERMISSION_DENIED = 3;
  static final int FAILURE = 4;
  static final int UNSUPPORTED = 8;

  // Extensions of OpenSSH. Its servers name each with a version: 2 for the last one, 1 for others.
  static final String FSYNC = "fsync@openssh.com";
  static final String HARD_LINK = "hardlink@openssh.com";
  static final String POSIX_RENAME = "posix-rename@openssh.com";
  static final String FILE_SYSTEM = "statvfs@openssh.com";

  /// Bytes of a file in one message; every server has to take messages of 34,000.
  static final int CHUNK_BYTES = 32 * 1024;

  /// Messages that may be under way for one file: 2 MiB, what OpenSSH takes without being asked.
  static final int WINDOW = 64;

  /// Longer replies are refused; OpenSSH sends 256 KiB at most (SFTP_MAX_MSG_LENGTH).
  static final int MAX_REPLY_BYTES = 1 << 20;

  private SftpProtocol() {}
}
