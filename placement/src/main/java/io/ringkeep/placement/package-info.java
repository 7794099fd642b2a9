/// Which storage nodes hold which pieces of an object: consistent hashing for nodes of unequal
/// weight in zones that fail as one.
///
/// A [io.ringkeep.placement.StorageNode] holds pieces; a [io.ringkeep.placement.Strategy] says how
/// many pieces an object has and how many may be lost. Objects fall into groups, and a
/// [io.ringkeep.placement.PlacementTable] says for each group which nodes hold its pieces; each
/// change of the nodes makes the next table out of the last one and moves as little as can be.
/// [io.ringkeep.placement.Feasibility] says what can't work before anything is written.
///
/// Invariants: a table is a pure function of the table before it, the nodes and the strategy, bit
/// for bit the same on every JVM; position i of a group holds piece i for as long as its node may;
/// nothing here reads or writes a piece.
///
/// Read [io.ringkeep.placement.PlacementTable] first.
@NullMarked
package io.ringkeep.placement;

import org.jspecify.annotations.NullMarked;
