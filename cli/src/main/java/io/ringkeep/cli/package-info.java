/// The `ringkeep` command.
///
/// [io.ringkeep.cli.Main] is the process: it runs one command line through
/// [io.ringkeep.cli.CommandRunner] and turns what happens into an exit status.
/// [io.ringkeep.cli.Interruption] lets Ctrl-C end a run in order; [io.ringkeep.cli.Failure] puts
/// what went wrong into words. The commands themselves are in `verb`, each one thin: options, a
/// call of core, an answer.
///
/// Invariants: standard output holds the answer and nothing else; every exit status means one next
/// step of the operator (README, "For scripts"); no secret is ever printed.
@NullMarked
package io.ringkeep.cli;

import org.jspecify.annotations.NullMarked;
