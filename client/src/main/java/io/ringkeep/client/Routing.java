package io.ringkeep.client;

import java.util.List;

/// Which primary a key belongs to. Thread-safe.
interface Routing extends AutoCloseable {
  /// The key's primary, as far as is known.
  ///
  /// @throws io.ringkeep.model.BackupException.Unavailable if its slot has none
  Primary owner(byte[] key);

  /// The primary at an address that a server pointed to.
  Primary at(String host, int port);

  /// All primaries, the same ones always in the same order.
  List<Primary> primaries();

  /// Whether copies are put on several primaries at all.
  boolean spreads();

  /// Looks again who has what; keeps what it knows if nobody can say.
  void refresh();

  /// The same before parts are placed by it, if somebody may have moved slots since the last look:
  /// a redirect tells only of keys that are asked for, and only afterwards.
  default void refreshIfOld() {}

  @Override
  void close();
}
