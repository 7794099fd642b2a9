/// Looks into snapshots without restoring them: one key, its history, many keys, what differs.
///
/// [io.ringkeep.lookup.KeyLookup] finds one key's record in a snapshot and
/// [io.ringkeep.lookup.KeyHistory] its versions over all of them; both read the blocks of one
/// position, whatever the snapshot's size. [io.ringkeep.lookup.KeyScan] goes through many keys,
/// [io.ringkeep.lookup.SnapshotDiff] through what differs, [io.ringkeep.lookup.LiveComparison]
/// compares with a live cache, [io.ringkeep.lookup.Undelete] brings single keys back into a live
/// cache. [io.ringkeep.lookup.ValueParts] takes a value apart for people,
/// [io.ringkeep.lookup.ValueChange] says how two values differ.
///
/// Invariants: nothing in the repository is changed, and of a cache nothing but the keys that are
/// named; memory does not grow with the number of keys or elements; two records are the same
/// version if and only if their fingerprints are equal; what cannot be read is named with what it
/// affects ([io.ringkeep.lookup.Damage]).
///
/// Read [io.ringkeep.lookup.KeyLookup] first.
@NullMarked
package io.ringkeep.lookup;

import org.jspecify.annotations.NullMarked;
