/// Sealed objects: how bytes lie in a store so that damage is found and, with a key, nobody else
/// reads them.
///
/// An object is a header, segments of 64 KiB that each prove themselves, and a digest over all of
/// it. [io.ringkeep.repository.object.SealedObjects] writes and reads them by name.
///
/// Invariants: nothing read from here is unproven: a byte that was not written by us under this
/// very name in this very repository is a `CorruptData`; an object is never written twice.
///
/// Read [io.ringkeep.repository.object.ObjectFormat] first. Format: `docs/format/object.md`.
@NullMarked
package io.ringkeep.repository.object;

import org.jspecify.annotations.NullMarked;
