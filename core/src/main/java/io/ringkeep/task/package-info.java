/// How long work runs: several shards at once, within a time and a rate, telling its caller how far
/// it is.
///
/// [io.ringkeep.task.Progress] is what callers render; [io.ringkeep.task.Parallel] runs shards
/// beside each other and ends all when one fails; [io.ringkeep.task.Deadline] and
/// [io.ringkeep.task.RateLimit] bound them.
@NullMarked
package io.ringkeep.task;

import org.jspecify.annotations.NullMarked;
