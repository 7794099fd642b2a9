package io.ringkeep.repository.known;

import java.util.List;

/// What a file of known records says of itself.
///
/// @param format of the file, [#FORMAT]
/// @param repository id of the repository
/// @param cache name of the lineage
/// @param snapshot id of the snapshot
/// @param fingerprints format of the fingerprints
/// @param entries number of entries
/// @param entriesCrc32c checksum over all of them, 8 hex digits
/// @param kinds of the records, by number
record KnownHeader(
    int format,
    String repository,
    String cache,
    String snapshot,
    int fingerprints,
    long entries,
    String entriesCrc32c,
    List<RecordKind> kinds) {
  /// The only format so far.
  static final int FORMAT = 1;

  KnownHeader {
    kinds = List.copyOf(kinds);
  }

  /// True if it is of this snapshot, and fingerprints are computed today as they were then.
  boolean isOf(String wantedRepository, String wantedCache, String wantedSnapshot, int wanted) {
    return repository.equals(wantedRepository)
        && cache.equals(wantedCache)
        && snapshot.equals(wantedSnapshot)
        && fingerprints == wanted;
  }
}
