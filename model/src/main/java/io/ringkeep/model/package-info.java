/// The words that `redis` and `repository` share without knowing each other.
///
/// A [io.ringkeep.model.Record] is one key of a cache with its value as RDB bytes. Its
/// [io.ringkeep.model.Position] orders it among all others, its [io.ringkeep.model.Fingerprint]
/// says what it means whatever its encoding, and the sum of fingerprints of a hash slot is that
/// slot's [io.ringkeep.model.SlotDigest].
///
/// A [io.ringkeep.model.ServerRing] is how clients place keys on standalone servers.
///
/// Invariants: stored tables are sorted by (position, database, key bytes), see
/// [io.ringkeep.model.RecordOrder]; nothing here depends on a server, a file or a clock.
///
/// Read [io.ringkeep.model.Record] first, then [io.ringkeep.model.RecordHasher].
@NullMarked
package io.ringkeep.model;

import org.jspecify.annotations.NullMarked;
