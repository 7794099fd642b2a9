/// Leases: who may work on what, with an end, decided by nothing but the store.
///
/// An exclusive [io.ringkeep.repository.lock.Lease] is the newest link of its resource's chain of
/// epochs; shared read leases say which readers must not lose objects. Holders beat; observers
/// watch beats on their own clock.
///
/// Invariants: an epoch belongs to one holder for ever, and a higher one supersedes it; a lease
/// that could not be renewed in time says so before anyone may take it over; no two hosts' clocks
/// are ever compared.
///
/// Read [io.ringkeep.repository.lock.Leases] first. Format: `docs/format/leases.md`.
@NullMarked
package io.ringkeep.repository.lock;

import org.jspecify.annotations.NullMarked;
