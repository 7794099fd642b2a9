package io.ringkeep.store.sftp;

import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectKeys;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.ReadOnlyStoreException;
import io.ringkeep.store.sftp.SftpReplies.Pending;
import io.ringkeep.store.sftp.SftpReply.Attributes;
import io.ringkeep.store.sftp.SftpReply.Entry;
import io.ringkeep.store.sftp.SftpReply.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Objects as files below one folder of an SSH server, in the layout of
/// [io.ringkeep.store.file.FileStore].
/* An object is written to a file of its own in the folder `.sftp-tmp`, synced, and then given its
 * name; see SftpUpload, SftpNames and SftpTemporaries. What is read is asked for in many requests at
 * once, and goes from the socket to the caller's buffer without waiting in between.
 *
 * At most four logins carry the requests of all threads. A call whose connection breaks is made
 * again over another one, seven times in all and with growing pauses; the two that must not be made
 * twice first look what the server did. A server that is silent for a minute while an answer is due
 * is given up, and so is a login after 15 seconds: see SftpSettings.
 *
 * A symbolic link that stands for an object is refused. Links that stand for folders are the
 * server's own business, and followed by it. */
public final class SftpStore implements ObjectStore {
  private final SftpLocation location;
  private final SftpPool pool;
  private final SftpFolders folders;
  private final SftpTemporaries temporaries;
  private final SftpNames names;

  private SftpStore(SftpLocation location, SftpPool pool) {
    this.location = location;
    this.pool = pool;
    this.folders = new SftpFolders(location.path());
    this.temporaries = new SftpTemporaries(pool, folders);
    this.names = new SftpNames(pool, folders, temporaries);
  }

  /// Logs in. The folder is made when something is first written.
  ///
  /// @param environment where secrets are looked for, as [System#getenv()]:
  ///   `RINGKEEP_SFTP_PASSWORD`, `RINGKEEP_SFTP_PASSPHRASE` of a private key, and `SSH_AUTH_SOCK`
  /// @throws io.ringkeep.model.BackupException.InvalidRequest if a file that the location names
  ///   can't be read
  /// @throws io.ringkeep.model.BackupException.AccessDenied if the server's key is not known or has
  ///   changed, or the server does not let us in; any later call may meet that, too
  /// @throws IOException if the server is not there; it was asked twice
  public static SftpStore open(SftpLocation location, Map<String, String> environment)
      throws IOException {
    Path home = Path.of(System.getProperty("user.home"));
    return open(location, new SftpLogin(location, environment, home), SftpSettings.USUAL);
  }

  static SftpStore open(SftpLocation location, SftpLogin login, SftpSettings settings)
      throws IOException {
    SftpPool pool = new SftpPool(location, login, settings);
    try {
      pool.callBriefly(SftpFiles::channel); // Who names a wrong server is to know soon.
      return new SftpStore(location, pool);
    } catch (Throwable e) {
      pool.close();
      throw e;
    }
  }

  @Override
  public void put(String key, ByteBuffer content) throws IOException {
    String path = path(key);
    try (SftpUpload upload = begin(path)) {
      upload.write(content.duplicate());
      upload.replace();
    } catch (SftpStatusException e) {
      throw writeRefused(e);
    }
  }

  @Override
  public ObjectUpload upload(String key) throws IOException {
    String path = path(key);
    try {
      return new Explained(begin(path));
    } catch (SftpStatusException e) {
      throw writeRefused(e);
    }
  }

  private SftpUpload begin(String path) throws IOException {
    return new SftpUpload(pool, names, path, temporaries.create());
  }

  /// An upload that says so where nothing can be written.
  private final class Explained implements ObjectUpload {
    private final SftpUpload upload;

    Explained(SftpUpload upload) {
      this.upload = upload;
    }

    @Override
    public void write(ByteBuffer content) throws IOException {
      try {
        upload.write(content);
      } catch (SftpStatusException e) {
        throw writeRefused(e);
      }
    }

    @Override
    public boolean commit() throws IOException {
      try {
        return upload.commit();
      } catch (SftpStatusException e) {
        throw writeRefused(e);
      }
    }

    @Override
    public void close() {
      upload.close();
    }
  }

  @Override
  public OptionalLong size(String key) throws IOException {
    String path = path(key);
    Optional<Attributes> there = reading(path, files -> files.look(path));
    if (there.isEmpty() || there.get().isFolder()) {
      return OptionalLong.empty();
    }
    requireFile(there.get(), path);
    return OptionalLong.of(there.get().sizeBytes());
  }

  @Override
  public ByteBuffer read(String key) throws IOException {
    String path = path(key);
    return reading(
        path,
        files -> {
          ByteBuffer handle = openFile(files, path, key);
          try {
            long size = files.attributes(handle, path).sizeBytes();
            if (size > Integer.MAX_VALUE) {
              throw new IOException("object is too large to be read whole: object=" + key);
            }
            ByteBuffer content = ByteBuffer.allocateDirect((int) size);
            SftpReads.fill(files, handle, path, 0, content);
            return content.flip();
          } finally {
            files.forget(handle);
          }
        });
  }

  @Override
  public void read(String key, long offset, ByteBuffer into) throws IOException {
    String path = path(key);
    int start = into.position();
    reading(
        path,
        files -> {
          ByteBuffer handle = openFile(files, path, key);
          try {
            SftpReads.fill(files, handle, path, offset, into.position(start));
            return into;
          } finally {
            files.forget(handle);
          }
        });
  }

  /// Opens a file and looks what it is, in one round trip: OpenSSH opens folders, too.
  private ByteBuffer openFile(SftpFiles files, String path, String key) throws IOException {
    Pending opened = files.sendOpen(path, SftpProtocol.OPEN_READ);
    Optional<Attributes> there = files.look(path);
    ByteBuffer handle;
    try {
      handle = files.opened(opened, path);
    } catch (SftpStatusException e) {
      if (e.isMissing() || there.isEmpty() || there.get().isFolder()) {
        throw new NoSuchObjectException(key);
      }
      throw e;
    }
    if (there.isPresent()) {
      if (there.get().isFolder()) {
        files.forget(handle);
        throw new NoSuchObjectException(key);
      }
      if (there.get().kind() == Kind.OTHER) {
        files.forget(handle);
      }
      requireFile(there.get(), path);
    }
    return handle;
  }

  private static void requireFile(Attributes there, String path) throws IOException {
    if (there.kind() == Kind.OTHER) {
      throw new IOException(
          "neither a file nor a folder of the store; links are not followed: file=" + path);
    }
  }

  @Override
  public void delete(String key) throws IOException {
    String path = path(key);
    try {
      pool.call(files -> {
        delete(files, path);
        return path;
      });
    } catch (SftpStatusException e) {
      throw writeRefused(e);
    }
  }

  private static void delete(SftpFiles files, String path) throws IOException {
    try {
      files.remove(path);
    } catch (SftpStatusException e) {
      if (e.isMissing()) {
        return;
      }
      Optional<Attributes> there = files.look(path);
      if (there.isPresent() && !there.get().isFolder()) {
        throw e;
      }
    }
  }

  @Override
  public List<ObjectInfo> list(String directory) throws IOException {
    String key = ObjectKeys.directory(directory);
    String folder = key.isEmpty() ? location.path() : path(key);
    return reading(
        folder,
        files -> {
          List<ObjectInfo> found = new ArrayList<>();
          // A file of this name is no folder, and servers have no code of their own to say so.
          if (files.follow(folder).filter(there -> !there.isFile()).isPresent()) {
            collect(files, folder, directory, found);
          }
          found.sort(Comparator.comparing(ObjectInfo::key));
          return found;
        });
  }

  private static void collect(SftpFiles files, String folder, String prefix, List<ObjectInfo> found)
      throws IOException {
    List<Entry> entries;
    try {
      entries = files.list(folder);
    } catch (SftpStatusException e) {
      if (e.isMissing()) {
        return;
      }
      throw e;
    }
    for (Entry entry : entries) {
      if (!ObjectKeys.isName(entry.name())) {
        continue; // None of ours.
      }
      String path = folder.endsWith("/") ? folder + entry.name() : folder + "/" + entry.name();
      Attributes attributes = entry.attributes();
      if (attributes.kind() == Kind.UNKNOWN) {
        Optional<Attributes> there = files.look(path);
        if (there.isEmpty()) {
          continue; // Deleted between being listed and being looked at.
        }
        attributes = there.get();
      }
      if (attributes.isFolder()) {
        collect(files, path, prefix + entry.name() + "/", found);
      } else {
        requireFile(attributes, path);
        found.add(new ObjectInfo(prefix + entry.name(), attributes.sizeBytes()));
      }
    }
  }

  @Override
  public String location() {
    return location.toString();
  }

  @Override
  public void close() {
    pool.close();
  }

  private String path(String key) {
    return folders.resolve(String.join("/", ObjectKeys.names(key)));
  }

  private <T> T reading(String path, SftpPool.Call<T> call) throws IOException {
    try {
      return pool.call(call);
    } catch (SftpStatusException e) {
      if (!e.isDenied()) {
        throw e;
      }
      AccessDeniedException denied =
          new AccessDeniedException(location.server() + ":" + path, null, e.getMessage());
      denied.initCause(e);
      throw denied;
    }
  }

  private IOException writeRefused(SftpStatusException e) {
    return e.isDenied() ? new ReadOnlyStoreException(location(), e) : e;
  }
}
