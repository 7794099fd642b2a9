/// Where a repository lies: in one place, or on many storage nodes.
///
/// Start at [io.ringkeep.place.RepositoryPlace]. Who opens one gets an
/// [io.ringkeep.store.ObjectStore] and need not know which of the two it is.
@NullMarked
package io.ringkeep.place;

import org.jspecify.annotations.NullMarked;
