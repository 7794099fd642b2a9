/// Shows what ways of placing objects on nodes do, before anybody has nodes.
///
/// Read [io.ringkeep.simulate.PlacementSimulation] first.
@NullMarked
package io.ringkeep.simulate;

import org.jspecify.annotations.NullMarked;
