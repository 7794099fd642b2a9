/// Servers of our own, on loopback and for a short time: what drills restore into, and what rolls a
/// log forward.
///
/// [io.ringkeep.scratch.EngineSearch] finds a program that can hold the data,
/// [io.ringkeep.scratch.ScratchServer] is one that runs.
@NullMarked
package io.ringkeep.scratch;

import org.jspecify.annotations.NullMarked;
