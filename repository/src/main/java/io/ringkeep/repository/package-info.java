/// A repository: snapshots of caches, encrypted, in a store.
///
/// A [io.ringkeep.repository.Repository] is made by `init` and opened with a passphrase. Its
/// [io.ringkeep.repository.object.SealedObjects] hold everything that backups write; its
/// [io.ringkeep.repository.lock.Leases] decide who may write.
///
/// Invariants: a repository exists when its `REPOSITORY` file does, which is written after its key;
/// a newer format, or a feature this version does not know, is refused before anything else is
/// read.
///
/// Read [io.ringkeep.repository.Repository] first. Format: `docs/format/repository.md`.
@NullMarked
package io.ringkeep.repository;

import org.jspecify.annotations.NullMarked;
