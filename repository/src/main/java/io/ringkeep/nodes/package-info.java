/// Many storage nodes as one store: what an object's pieces are, where they are put, and how an
/// object is read when some of them are gone.
///
/// Read [io.ringkeep.nodes.PlacedStore] first: it sends data to [io.ringkeep.nodes.PiecedObjects]
/// and everything else to [io.ringkeep.nodes.MetadataCopies]. [io.ringkeep.nodes.NodeChange] makes
/// the next epoch, [io.ringkeep.nodes.NodeCare] repairs and moves, [io.ringkeep.nodes.NodeCensus]
/// tells how things stand.
///
/// Invariants: a piece names its object and proves its bytes without a key; reading needs nothing
/// but the nodes; placement proposes where pieces go, an object's name and the tables of all epochs
/// say where that was. What counts has a majority of copies; nothing is taken away before its
/// replacement is there.
@NullMarked
package io.ringkeep.nodes;

import org.jspecify.annotations.NullMarked;
