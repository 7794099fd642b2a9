/// A store in memory, for tests and trials: it keeps the contract and forgets all when it is
/// dropped.
@NullMarked
package io.ringkeep.store.memory;

import org.jspecify.annotations.NullMarked;
