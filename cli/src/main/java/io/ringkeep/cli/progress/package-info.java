/// Shows work in progress on standard error: one bar for each task on a terminal, plain lines
/// elsewhere.
///
/// [io.ringkeep.cli.progress.ProgressDisplay] takes what core reports and lets a
/// [io.ringkeep.cli.progress.Painter] draw it: [io.ringkeep.cli.progress.BarPainter] or
/// [io.ringkeep.cli.progress.LinePainter].
///
/// Invariants: reporting costs the reporting thread a few additions and never waits for the screen,
/// except where a task begins, ends or changes its phase; nothing is written after `close`.
@NullMarked
package io.ringkeep.cli.progress;

import org.jspecify.annotations.NullMarked;
