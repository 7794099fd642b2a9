/// Chooses how a cache is best backed up: from figures to ranked plans, each with what it would do.
///
/// A [io.ringkeep.advice.Situation] is what there is, [io.ringkeep.advice.Wishes] what is wanted, a
/// [io.ringkeep.advice.Plan] one whole answer: strategy, nodes, cadence, retention. Start at
/// [io.ringkeep.advice.Advisor].
///
/// Invariants: nothing here does I/O; every prediction has its formula in
/// [io.ringkeep.advice.Forecast] and nowhere else, and stands in `docs/strategies.md` in the same
/// words; every number that a formula takes from a measurement is in [io.ringkeep.advice.Measured],
/// with the figure of `docs/benchmarks.md` that it comes from.
@NullMarked
package io.ringkeep.advice;

import org.jspecify.annotations.NullMarked;
