package io.ringkeep.store.sftp;

import java.io.IOException;

/// The server understood a request and did not do it.
final class SftpStatusException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int code;

  /// @param what was asked for, such as `write`
  /// @param text what the server says about it
  SftpStatusException(SftpLocation location, String what, String path, int code, String text) {
    super(
        "the SFTP server refuses: server=%s request=%s file=%s code=%d says=%s"
            .formatted(location.server(), what, path, code, text));
    this.code = code;
  }

  /// One of the status codes in [SftpProtocol].
  int code() {
    return code;
  }

  boolean isMissing() {
    return code == SftpProtocol.NO_SUCH_FILE;
  }

  boolean isDenied() {
    return code == SftpProtocol.PERMISSION_DENIED;
  }
}
