/// Many storage nodes as one store: what an object's pieces are, where they are put, and how an
/// object is read when some of them are gone.
///
/// Read [io.ringkeep.nodes.PlacedStore] first: it sends data to [io.ringkeep.nodes.PiecedObjects]
/// and everything else to [io.ringkeep.nodes.MetadataCopies].
///
/// Invariants: a piece names its object and proves its bytes without a key; reading needs nothing
/// but the nodes; placement proposes where pieces go, the tables of all epochs are kept to find
/// them.
@NullMarked
package io.ringkeep.nodes;

import org.jspecify.annotations.NullMarked;
