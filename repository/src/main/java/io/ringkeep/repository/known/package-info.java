/// What the records of one snapshot are known by, in a file of the local machine: so that the next
/// backup can tell what changed without reading the snapshot.
///
/// A [io.ringkeep.repository.known.KnownFile] has an entry of 32 bytes for each record, sorted, and
/// is mapped into memory, so it takes no heap. A [io.ringkeep.repository.known.KnownLog] gathers
/// the entries of the snapshot that is being taken and sorts them. A
/// [io.ringkeep.repository.known.KnownFolder] says where the files lie.
///
/// Invariants: the repository never needs such a file, it is made again from the snapshot; a file
/// counts only if its checksum is right and its fingerprints add up to the snapshot's own slot
/// digests; it holds keyed hashes and no keys or values.
///
/// Read [io.ringkeep.repository.known.KnownFile] first.
@NullMarked
package io.ringkeep.repository.known;

import org.jspecify.annotations.NullMarked;
