/// A key's past, for applications: which versions a Ringkeep repository has of it, and one of them
/// back in the live cache.
///
/// [io.ringkeep.client.repository.RepositoryAccess] says where the repository and the cache are,
/// [io.ringkeep.client.repository.RepositoryKeys] does the work,
/// [io.ringkeep.client.repository.KeyPast] is what a key was, version by version.
///
/// Invariants: what is written was proven against the repository's checksums before anything is
/// replaced, and is read back; no other key of the cache is touched; what cannot be known is said.
///
/// Backups inside the cache, which are faster and die with it, are `io.ringkeep.client`'s.
///
/// Start with [io.ringkeep.client.repository.RepositoryKeys].
@NullMarked
package io.ringkeep.client.repository;

import org.jspecify.annotations.NullMarked;
