package io.ringkeep.store.sftp;

import io.ringkeep.store.sftp.SftpReply.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Files that have no name yet, in a folder of their own that no listing shows.
/* SFTP has no locks that would tell a dead writer's file. So age does, by the server's clock alone:
 * the time of the newest file against that of the one just made. A file that nobody has written to
 * for a day is deleted, before a store's first write. Should its writer live after all, it fails to
 * give its file a name, and nothing else is lost.
 *
 * The folder is another than that of a store on the server's own disk, whose files are deleted when
 * nobody locks them. */
final class SftpTemporaries {
  private static final String FOLDER = ".sftp-tmp";
  private static final Duration LONGEST_PAUSE = Duration.ofDays(1);

  private final SftpPool pool;
  private final SftpFolders folders;
  private final String folder;
  private final String writer = random();
  private final AtomicLong counter = new AtomicLong();
  private final AtomicBoolean cleaned = new AtomicBoolean();

  SftpTemporaries(SftpPool pool, SftpFolders folders) {
    this.pool = pool;
    this.folders = folders;
    this.folder = folders.resolve(FOLDER);
  }

  /// A new, empty file, open for writing.
  ///
  /// @param files over whose channel it is open
  record Temporary(String path, SftpFiles files, ByteBuffer handle) {}

  Temporary create() throws IOException {
    try {
      return pool.call(this::create);
    } catch (SftpStatusException e) {
      if (!e.isMissing()) {
        throw e;
      }
      folders.forget();
      return pool.call(this::create);
    }
  }

  private Temporary create(SftpFiles files) throws IOException {
    folders.make(files, folder);
    // A new name for each try: the first one may have made its file after all.
    String path = folder + "/" + writer + "-" + counter.incrementAndGet();
    ByteBuffer handle =
        files.open(
            path, SftpProtocol.OPEN_WRITE | SftpProtocol.OPEN_CREATE | SftpProtocol.OPEN_EXCLUSIVE);
    if (cleaned.compareAndSet(false, true)) {
      deleteOlderThan(files, files.attributes(handle, path).modified());
    }
    return new Temporary(path, files, handle);
  }

  private void deleteOlderThan(SftpFiles files, long now) throws IOException {
    List<Entry> entries;
    try {
      entries = files.list(folder);
    } catch (SftpStatusException e) {
      return; // A folder that may be written to and not be read.
    }
    for (Entry entry : entries) {
      long modified = entry.attributes().modified();
      if (entry.attributes().isFile()
          && modified > 0
          && now - modified > LONGEST_PAUSE.toSeconds()) {
        deleteQuietly(files, folder + "/" + entry.name());
      }
    }
  }

  /// A leftover costs space, not safety.
  private static void deleteQuietly(SftpFiles files, String path) throws IOException {
    try {
      files.remove(path);
    } catch (SftpStatusException e) {
      // Somebody else's, or gone by now.
    }
  }

  private static String random() {
    byte[] bytes = new byte[8];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
