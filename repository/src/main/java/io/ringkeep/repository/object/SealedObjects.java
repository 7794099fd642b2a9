package io.ringkeep.repository.object;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.repository.crypto.DataKey;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The sealed objects of one repository, by name. Safe for any number of threads.
///
/// A name is the key in the store and part of what each seal proves: an object that lies under
/// another's name, or comes from another repository, is damage.
public final class SealedObjects {
  private final ObjectStore store;
  private final String repositoryId;
  private final Encryption encryption;
  private final Optional<DataKey> key;
  private final RandomGenerator random;

  /// @param key present unless `encryption` is none
  /// @param random draws salts: a `SecureRandom`, but in tests
  public SealedObjects(
      ObjectStore store,
      String repositoryId,
      Encryption encryption,
      Optional<DataKey> key,
      RandomGenerator random) {
    if (key.isPresent() != (encryption != Encryption.NONE)) {
      throw new IllegalArgumentException("a key is for encryption, and encryption needs a key");
    }
    this.store = store;
    this.repositoryId = repositoryId;
    this.encryption = encryption;
    this.key = key;
    this.random = random;
  }

  /// Into how many equal ranges of the ring data is to be split.
  public int ringRanges() {
    return store.ringRanges();
  }

  /// What the name of a new data object is to say of where it will lie.
  ///
  /// @param range of the ring, of [#ringRanges]
  public String placeMark(int range) {
    return store.placeMark(range);
  }

  /// Begins an object. Nobody sees it before it is committed.
  public ObjectWriter create(String name, ObjectKind kind) throws IOException {
    byte[] salt = new byte[ObjectFormat.SALT_BYTES];
    random.nextBytes(salt);
    byte[] header = ObjectFormat.header(kind, encryption, salt);
    return new ObjectWriter(name, store.upload(name), header, codec(name, header));
  }

  /// Writes a whole object.
  ///
  /// @param content from position to limit; both stay as they are
  /// @throws FileAlreadyExistsException if one of this name exists, which stays as it is
  public StoredObject write(String name, ObjectKind kind, ByteBuffer content) throws IOException {
    try (ObjectWriter writer = create(name, kind)) {
      writer.write(content.duplicate());
      return writer.commit();
    }
  }

  /// Writes a whole object unless one of this name exists. Of several callers exactly one writes
  /// it.
  ///
  /// @param content from position to limit; both stay as they are
  /// @return empty if one exists, which stays as it is
  public Optional<StoredObject> createIfAbsent(String name, ObjectKind kind, ByteBuffer content)
      throws IOException {
    try (ObjectWriter writer = create(name, kind)) {
      writer.write(content.duplicate());
      return writer.tryCommit();
    }
  }

  /// Opens an object to read ranges of it.
  ///
  /// @throws CorruptData if it is missing, or not what it should be
  public ObjectReader open(String name, ObjectKind kind) throws IOException {
    try {
      long storedBytes = store.size(name).orElseThrow(() -> new NoSuchObjectException(name));
      int sealBytes = SegmentCodec.sealBytes(encryption);
      ByteBuffer start = ByteBuffer.allocateDirect(ObjectFormat.HEADER_BYTES);
      store.read(name, 0, start);
      byte[] header = ObjectFormat.parse(name, start, kind, encryption);
      long length = ObjectFormat.contentBytes(name, storedBytes, sealBytes);
      return new ObjectReader(store, name, header, codec(name, header), length);
    } catch (NoSuchObjectException e) {
      throw ObjectFormat.missing(name, e);
    } catch (EOFException e) {
      throw ObjectFormat.truncated(name, 0, e);
    }
  }

  /// Reads a whole object, comparing everything that can be compared.
  ///
  /// @return the content in a direct buffer of its own, from 0 to its limit
  /// @throws CorruptData if it is missing or damaged
  public ByteBuffer read(String name, ObjectKind kind) throws IOException {
    ObjectReader reader = open(name, kind);
    ByteBuffer content = ByteBuffer.allocateDirect(Math.toIntExact(reader.length()));
    reader.readAll(content::put);
    return content.flip();
  }

  /// Deletes an object.
  public void delete(String name) throws IOException {
    store.delete(name);
  }

  /// Whether the digest that ends an object's stored bytes is that of the rest.
  ///
  /// @param stored the whole object, from position to limit
  public static boolean digestMatches(ByteBuffer stored) {
    int end = stored.remaining() - ObjectFormat.DIGEST_BYTES;
    if (end < ObjectFormat.HEADER_BYTES) {
      return false;
    }
    MessageDigest digest = ObjectFormat.sha256();
    digest.update(stored.slice(stored.position(), end));
    return ByteBuffer.wrap(digest.digest())
        .equals(stored.slice(stored.position() + end, ObjectFormat.DIGEST_BYTES));
  }

  /// Compares the digest of an object's stored bytes, for which no key is needed.
  ///
  /// @throws CorruptData if it is missing or damaged
  public static void scrub(ObjectStore store, String name) throws IOException {
    try {
      long end =
          store.size(name).orElseThrow(() -> new NoSuchObjectException(name))
              - ObjectFormat.DIGEST_BYTES;
      if (end < ObjectFormat.HEADER_BYTES) {
        throw ObjectFormat.truncated(name, Math.max(0, end), null);
      }
      MessageDigest digest = ObjectFormat.sha256();
      ByteBuffer window = ByteBuffer.allocateDirect(1 << 20);
      for (long offset = 0; offset < end; offset += window.capacity()) {
        window.clear().limit((int) Math.min(window.capacity(), end - offset));
        store.read(name, offset, window);
        digest.update(window.flip());
      }
      byte[] expected = new byte[ObjectFormat.DIGEST_BYTES];
      store.read(name, end, ByteBuffer.wrap(expected));
      ObjectFormat.compareDigests(name, end, expected, digest.digest());
    } catch (NoSuchObjectException e) {
      throw ObjectFormat.missing(name, e);
    } catch (EOFException e) {
      throw ObjectFormat.truncated(name, 0, e);
    }
  }

  private SegmentCodec codec(String name, byte[] header) {
    return SegmentCodec.of(encryption, key, header, ObjectFormat.identity(repositoryId, name));
  }
}
