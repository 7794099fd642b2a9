/// What is written about snapshots: manifests, and the ledger that says which of them exist.
///
/// A [io.ringkeep.repository.manifest.Manifest] names every object that a snapshot needs. The
/// [io.ringkeep.repository.manifest.Ledger] is a chain of small records, one for each thing that
/// was decided; creating the next one is what commits a snapshot.
///
/// Invariants: a manifest that no ledger record names is no snapshot; each record holds the digest
/// of the one before, and of the manifest it commits; nothing here is ever changed.
///
/// Read [io.ringkeep.repository.manifest.Manifest] first, then
/// [io.ringkeep.repository.manifest.SnapshotCatalog]. Format: `docs/format/manifest.md`,
/// `docs/format/ledger.md`.
@NullMarked
package io.ringkeep.repository.manifest;

import org.jspecify.annotations.NullMarked;
