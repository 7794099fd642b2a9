package io.ringkeep.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/// A place for objects: keys and bytes.
///
/// Keys are as [ObjectKeys] has them; anything else is refused with an [IllegalArgumentException].
/// No key may be the directory of another: callers never write both `a` and `a/b`. Where the place
/// can't hold both, as a file system can't, the second write fails; where it can, as a bucket can,
/// nobody looks, since looking would cost each write several requests.
///
/// Every method may be called by any thread at any time. What one call has written, every later
/// call by anyone sees. An [IOException] of a write leaves the object either whole or as it was
/// before; reading the key tells which. Asking again is safe for every method but [#createIfAbsent]
/// and [ObjectUpload#commit], whose answer may then tell of the first try.
public interface ObjectStore extends AutoCloseable {
  /// Writes an object, in place of the one that is there, if one is. A reader sees the old content
  /// or the new one, never a mixture.
  ///
  /// Meant for the few objects that change, such as heartbeats: everything else is written once.
  ///
  /// @param content from position to limit; both stay as they are
  /// @throws ReadOnlyStoreException if nothing can be written here
  void put(String key, ByteBuffer content) throws IOException;

  /// Creates an object unless one is there. Of several callers at once exactly one gets `true`.
  ///
  /// @param content from position to limit; both stay as they are
  /// @return whether this call created it; `false` leaves the object that is there untouched
  /// @throws ReadOnlyStoreException if nothing can be written here
  default boolean createIfAbsent(String key, ByteBuffer content) throws IOException {
    try (ObjectUpload upload = upload(key)) {
      upload.write(content.duplicate());
      return upload.commit();
    }
  }

  /// Begins an object whose content comes bit by bit; [ObjectUpload#commit] creates it like
  /// [#createIfAbsent]. Until then nobody sees it.
  ///
  /// @throws ReadOnlyStoreException if nothing can be written here
  ObjectUpload upload(String key) throws IOException;

  /// The number of bytes of an object; empty if there is none.
  OptionalLong size(String key) throws IOException;

  /// A whole object.
  ///
  /// @return a buffer of its own, direct, from 0 to its limit
  /// @throws NoSuchObjectException if there is none
  ByteBuffer read(String key) throws IOException;

  /// Bytes of an object from `offset` on, as many as `into` has room for.
  ///
  /// @param into filled from its position to its limit; direct buffers are the fast way. Its
  ///   content is undefined after a failure
  /// @throws NoSuchObjectException if there is none
  /// @throws java.io.EOFException if the object ends before `into` is full
  void read(String key, long offset, ByteBuffer into) throws IOException;

  /// Deletes an object; nothing happens if there is none.
  ///
  /// @throws ReadOnlyStoreException if nothing can be written here
  void delete(String key) throws IOException;

  /// Every object below a directory, sorted by key. Objects that come or go meanwhile may be in it
  /// or not; all others are.
  ///
  /// @param directory empty for all, else a key followed by `/`
  List<ObjectInfo> list(String directory) throws IOException;

  /// Into how many equal ranges of the ring data is to be split, so that each lies in a place of
  /// its own; 1 where that makes no difference.
  default int ringRanges() {
    return 1;
  }

  /// What the name of a new data object is to say of where it will lie, such as `-r3`; empty where
  /// there is one place.
  ///
  /// @param range of the ring, of [#ringRanges], that its records lie in
  default String placeMark(int range) {
    return "";
  }

  /// Whether a whole object could be read now. Where objects lie in one place, it is there.
  default boolean readable(String key) throws IOException {
    return size(key).isPresent();
  }

  /// Bytes that can still be written here; empty where the place does not tell.
  default OptionalLong freeBytes() throws IOException {
    return OptionalLong.empty();
  }

  /// Where this is, for people.
  String location();

  /// Frees what the store holds open. Objects stay.
  @Override
  void close() throws IOException;
}
