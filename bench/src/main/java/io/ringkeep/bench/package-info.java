/// Side-by-side measurements on real servers: Ringkeep's command beside the tool it is compared
/// with, by turns, in one run.
///
/// A [io.ringkeep.bench.Comparison] runs two commands by turns and keeps the ratio of each pair;
/// absolute times mean little on a shared machine, ratios do. Read [io.ringkeep.bench.Main] first.
@NullMarked
package io.ringkeep.bench;

import org.jspecify.annotations.NullMarked;
