/// Quantities and tables as people read and write them.
///
/// [io.ringkeep.cli.text.ByteSize], [io.ringkeep.cli.text.ByteRate] and
/// [io.ringkeep.cli.text.DurationText] read what stands on a command line and write what stands in
/// an answer; [io.ringkeep.cli.text.Table] aligns columns.
///
/// Invariants: a number is never printed without its unit, and what is printed can be read back.
@NullMarked
package io.ringkeep.cli.text;

import org.jspecify.annotations.NullMarked;
