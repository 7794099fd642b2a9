package io.ringkeep.store.file;

import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectKeys;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.ReadOnlyStoreException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// Objects as files below one folder, on any file system that has hard links.
/* An object is written to a file of its own in the folder `.tmp`, synced, and then linked to its
 * name. link(2) fails if the name is taken, on local file systems and on NFS alike, so it decides
 * races; rename(2) would replace. Then the directory is synced. A writer that dies leaves a file in
 * `.tmp`, which no listing shows; see TempFiles for when it goes.
 *
 * Files whose names no key has are none of ours (`lost+found`, `.snapshot`): they are left alone. */
public final class FileStore implements ObjectStore {
  private final Path root;
  private final boolean readOnly;
  private final Directories directories;
  private final TempFiles temporary;

  /// A store in this folder, which is made when something is first written.
  public FileStore(Path root) {
    this(root, /* readOnly= */ false);
  }

  private FileStore(Path root, boolean readOnly) {
    this.root = root.toAbsolutePath().normalize();
    this.readOnly = readOnly;
    this.directories = new Directories(this.root);
    this.temporary = new TempFiles(this.root.resolve(".tmp"));
  }

  /// The store in this folder for reading alone: every write is refused.
  public static FileStore readOnly(Path root) {
    return new FileStore(root, /* readOnly= */ true);
  }

  @Override
  public void put(String key, ByteBuffer content) throws IOException {
    Path path = path(key);
    try (FileUpload upload = begin(path)) {
      upload.write(content.duplicate());
      upload.replace();
    } catch (IOException e) {
      throw explained(e);
    }
  }

  @Override
  public ObjectUpload upload(String key) throws IOException {
    Path path = path(key);
    try {
      return begin(path);
    } catch (IOException e) {
      throw explained(e);
    }
  }

  private FileUpload begin(Path path) throws IOException {
    if (readOnly) {
      throw new ReadOnlyStoreException(location(), null);
    }
    directories.make(Directories.of(path));
    directories.make(temporary.directory());
    return new FileUpload(path, temporary.create());
  }

  @Override
  public OptionalLong freeBytes() throws IOException {
    return Files.exists(root)
        ? OptionalLong.of(Files.getFileStore(root).getUsableSpace())
        : OptionalLong.empty();
  }

  @Override
  public OptionalLong size(String key) throws IOException {
    Optional<Path> path = find(key);
    return path.isPresent() ? OptionalLong.of(Files.size(path.get())) : OptionalLong.empty();
  }

  @Override
  public ByteBuffer read(String key) throws IOException {
    try (FileChannel file = open(key)) {
      if (file.size() > Integer.MAX_VALUE) {
        throw new IOException("object is too large to be read whole: object=" + key);
      }
      ByteBuffer content = ByteBuffer.allocateDirect((int) file.size());
      fill(key, file, 0, content);
      return content.flip();
    }
  }

  @Override
  public void read(String key, long offset, ByteBuffer into) throws IOException {
    try (FileChannel file = open(key)) {
      fill(key, file, offset, into);
    }
  }

  private static void fill(String key, FileChannel file, long offset, ByteBuffer into)
      throws IOException {
    long next = offset;
    while (into.hasRemaining()) {
      int count = file.read(into, next);
      if (count < 0) {
        throw new EOFException("object ends early: object=" + key + " offset=" + next);
      }
      next += count;
    }
  }

  @Override
  public void delete(String key) throws IOException {
    Path path = path(key);
    if (readOnly) {
      throw new ReadOnlyStoreException(location(), null);
    }
    try {
      if (find(key).isPresent() && Files.deleteIfExists(path)) {
        Directories.sync(Directories.of(path));
      }
    } catch (IOException e) {
      throw explained(e);
    }
  }

  @Override
  public List<ObjectInfo> list(String directory) throws IOException {
    String key = ObjectKeys.directory(directory);
    List<ObjectInfo> found = new ArrayList<>();
    Path folder = key.isEmpty() ? root : path(key);
    if (directories.exists(folder)) {
      collect(folder, directory, found);
    }
    found.sort(Comparator.comparing(ObjectInfo::key));
    return found;
  }

  private static void collect(Path folder, String prefix, List<ObjectInfo> found)
      throws IOException {
    List<Path> entries;
    try (Stream<Path> listing = Files.list(folder)) {
      entries = listing.filter(entry -> ObjectKeys.isName(name(entry))).toList();
    } catch (NoSuchFileException e) {
      return;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (Path entry : entries) {
      try {
        BasicFileAttributes attributes = attributes(entry);
        if (attributes.isDirectory()) {
          collect(entry, prefix + name(entry) + "/", found);
        } else if (attributes.isRegularFile()) {
          found.add(new ObjectInfo(prefix + name(entry), attributes.size()));
        } else {
          throw Directories.foreign(entry);
        }
      } catch (NoSuchFileException gone) {
        // Deleted between being listed and being looked at.
      }
    }
  }

  private static String name(Path entry) {
    return entry.getFileName().toString();
  }

  @Override
  public String location() {
    return root.toString();
  }

  @Override
  public void close() {}

  private Path path(String key) {
    Path path = root;
    for (String name : ObjectKeys.names(key)) {
      path = path.resolve(name);
    }
    return path;
  }

  /// The file of an object, if there is one.
  private Optional<Path> find(String key) throws IOException {
    Path path = path(key);
    if (!directories.exists(Directories.of(path))) {
      return Optional.empty();
    }
    try {
      BasicFileAttributes attributes = attributes(path);
      if (attributes.isRegularFile()) {
        return Optional.of(path);
      }
      if (attributes.isDirectory()) {
        return Optional.empty();
      }
      throw Directories.foreign(path);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private FileChannel open(String key) throws IOException {
    Path path = find(key).orElseThrow(() -> new NoSuchObjectException(key));
    try {
      return FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      throw new NoSuchObjectException(key);
    }
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private IOException explained(IOException e) {
    boolean refused =
        e instanceof AccessDeniedException
            || (e instanceof FileSystemException failure
                && "Read-only file system".equals(failure.getReason()));
    return refused ? new ReadOnlyStoreException(location(), e) : e;
  }

  /// One object on its way to the disk.
  private static final class FileUpload implements ObjectUpload {
    private final Path target;
    private final TempFiles.TempFile temporary;

    FileUpload(Path target, TempFiles.TempFile temporary) {
      this.target = target;
      this.temporary = temporary;
    }

    @Override
    public void write(ByteBuffer content) throws IOException {
      try {
        while (content.hasRemaining()) {
          temporary.channel().write(content);
        }
      } catch (IOException e) {
        throw named(e);
      }
    }

    private void sync() throws IOException {
      try {
        temporary.channel().force(/* metaData= */ true);
      } catch (IOException e) {
        throw named(e);
      }
    }

    /// A full disk fails a write without saying of which file.
    private IOException named(IOException e) {
      if (e instanceof ClosedChannelException) {
        return e; // An interrupt, most likely.
      }
      FileSystemException named = new FileSystemException(target.toString(), null, e.getMessage());
      named.initCause(e);
      return named;
    }

    @Override
    public boolean commit() throws IOException {
      sync();
      boolean created = temporary.link(target);
      Directories.sync(Directories.of(target));
      return created;
    }

    void replace() throws IOException {
      sync();
      Files.move(temporary.path(), target, StandardCopyOption.ATOMIC_MOVE);
      Directories.sync(Directories.of(target));
    }

    @Override
    public void close() throws IOException {
      temporary.close();
    }
  }
}
