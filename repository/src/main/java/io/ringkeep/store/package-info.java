/// Keys and bytes: where a repository's objects lie, whatever lies in them.
///
/// An object has a key and a content. It is whole or absent, and durable when the call that made it
/// returns.
///
/// Invariants: a store knows nothing of what a key or a byte means; no reader ever sees a part of
/// an object; of any number of writers that create one key at once exactly one is told that it did.
///
/// Read [io.ringkeep.store.ObjectStore] first. Each implementation passes the same contract tests.
@NullMarked
package io.ringkeep.store;

import org.jspecify.annotations.NullMarked;
