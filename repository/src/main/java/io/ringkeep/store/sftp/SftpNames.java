package io.ringkeep.store.sftp;

import io.ringkeep.store.sftp.SftpPool.Tries;
import io.ringkeep.store.sftp.SftpReply.Attributes;
import java.io.IOException;
import java.util.Optional;

/// Gives finished files their names, and finds out what happened when an answer was lost.
/* hardlink@openssh.com is link(2), which fails if the name is taken: of many who try one wins. Where
 * the server or its file system has no hard links, plain SSH_FXP_RENAME stands in. By the draft it
 * fails if the name is taken; OpenSSH then looks first and renames after, so that two writers within
 * microseconds could both win. A server whose rename replaces is found out before and refused.
 *
 * posix-rename@openssh.com is rename(2), which replaces in one step. A server without it cannot
 * replace an object, only create one. */
final class SftpNames {
  private final SftpPool pool;
  private final SftpFolders folders;
  private final SftpTemporaries temporaries;

  /// Whether a rename was seen to fail where the name is taken.
  private volatile boolean renameProven;

  SftpNames(SftpPool pool, SftpFolders folders, SftpTemporaries temporaries) {
    this.pool = pool;
    this.folders = folders;
    this.temporaries = temporaries;
  }

  /// Gives a finished file a name, unless that is taken. The file may keep its first name, too.
  ///
  /// @return false if the name belongs to another file
  boolean create(String finished, String target) throws IOException {
    return certain(target, (files, unclear) -> create(files, finished, target, unclear));
  }

  /// Gives a finished file a name, in place of the file that has it now.
  void replace(String finished, String target) throws IOException {
    certain(
        target,
        (files, unclear) -> {
          replace(files, finished, target, unclear);
          return true;
        });
  }

  /// A step that must not be made twice.
  private interface Step {
    /// @param unclear whether an earlier try may have been made without our seeing its answer
    boolean on(SftpFiles files, boolean unclear) throws IOException;
  }

  private boolean certain(String target, Step step) throws IOException {
    Tries tries = pool.tries();
    boolean unclear = false;
    boolean foldersMade = false;
    while (true) {
      try {
        SftpFiles files = pool.files();
        if (!foldersMade) {
          folders.make(files, folders.of(target));
        }
        try {
          return step.on(files, unclear);
        } catch (SftpStatusException e) {
          if (!e.isMissing() || foldersMade) {
            throw e;
          }
          folders.forget();
          folders.make(files, folders.of(target));
          foldersMade = true;
        }
      } catch (ConnectionLostException e) {
        unclear = true;
        tries.again(e);
      }
    }
  }

  private boolean create(SftpFiles files, String finished, String target, boolean unclear)
      throws IOException {
    if (files.has(SftpProtocol.HARD_LINK)) {
      try {
        files.link(finished, target);
        return true;
      } catch (SftpStatusException e) {
        // Version 3 has no code for a name that is taken, nor for a lack of hard links.
        if (isTaken(files, target)) {
          return unclear && isSameFile(files, finished, target);
        }
        if (e.isMissing()) {
          throw e;
        }
      }
    }
    return renamed(files, finished, target, unclear);
  }

  private boolean renamed(SftpFiles files, String finished, String target, boolean unclear)
      throws IOException {
    if (unclear && files.look(finished).isEmpty()) {
      return true; // Nobody else renames this file.
    }
    if (isTaken(files, target)) {
      return false;
    }
    proveRename(files);
    try {
      files.rename(finished, target);
      return true;
    } catch (SftpStatusException e) {
      if (isTaken(files, target)) {
        return false;
      }
      throw e;
    }
  }

  private void replace(SftpFiles files, String finished, String target, boolean unclear)
      throws IOException {
    if (unclear && files.look(finished).isEmpty()) {
      return;
    }
    if (files.has(SftpProtocol.POSIX_RENAME)) {
      files.replace(finished, target);
      return;
    }
    if (isTaken(files, target)) {
      throw new IOException(
          "the SFTP server can't replace a file in one step (it lacks %s): server=%s file=%s"
              .formatted(SftpProtocol.POSIX_RENAME, files.channel().location().server(), target));
    }
    files.rename(finished, target);
  }

  private boolean isTaken(SftpFiles files, String target) throws IOException {
    Optional<Attributes> there = files.look(target);
    if (there.isPresent() && there.get().isFolder()) {
      throw new IOException("a folder is in the way: file=" + target);
    }
    return there.isPresent();
  }

  /// Whether two names stand for one file: version 3 tells no inode, but what is done to one name
  /// then shows at the other.
  private static boolean isSameFile(SftpFiles files, String finished, String target)
      throws IOException {
    long before = files.look(finished).map(Attributes::modified).orElse(0L);
    try {
      return before > 0
          && follows(files, finished, target, before + 7)
          && follows(files, finished, target, before + 13);
    } finally {
      if (before > 0) {
        files.setTimes(finished, before);
      }
    }
  }

  private static boolean follows(SftpFiles files, String finished, String target, long seconds)
      throws IOException {
    files.setTimes(finished, seconds);
    return files.look(target).map(Attributes::modified).orElse(0L) == seconds;
  }

  /// Renames one throw-away file over another, which must fail.
  private void proveRename(SftpFiles files) throws IOException {
    if (renameProven) {
      return;
    }
    String one = emptyFile();
    String other = emptyFile();
    try {
      files.rename(one, other);
    } catch (SftpStatusException e) {
      files.remove(one);
      renameProven = true;
      return;
    } finally {
      files.remove(other);
    }
    throw new IOException(
        "the SFTP server can neither link files nor refuse to rename one over another: server="
            + files.channel().location().server());
  }

  private String emptyFile() throws IOException {
    SftpTemporaries.Temporary empty = temporaries.create();
    empty.files().close(empty.handle(), empty.path());
    return empty.path();
  }
}
