/// Shows what ways of placing objects on nodes do, before anybody has nodes.
///
/// Read [io.ringkeep.simulate.PlacementSimulation] first; [io.ringkeep.simulate.FleetSimulation]
/// plays whole plans through, on a clock of events.
@NullMarked
package io.ringkeep.simulate;

import org.jspecify.annotations.NullMarked;
