package io.ringkeep.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/// An object that is being written; nobody sees it before [#commit]. For one thread at a time.
public interface ObjectUpload extends AutoCloseable {
  /// Appends bytes from the position of `content` to its limit, which are then consumed.
  void write(ByteBuffer content) throws IOException;

  /// Makes the object durable and visible, unless its key exists by now.
  ///
  /// After an [IOException] the object is there whole or not at all.
  ///
  /// @return whether this upload created it
  boolean commit() throws IOException;

  /// Gives up what was not committed. Never touches a committed object.
  @Override
  void close() throws IOException;
}
