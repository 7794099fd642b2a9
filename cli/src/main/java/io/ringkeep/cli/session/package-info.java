/// One invocation of the command line: what came in, and where answers go.
///
/// A [io.ringkeep.cli.session.Verb] gets a [io.ringkeep.cli.session.Session], which knows the
/// global options and the outside world ([io.ringkeep.cli.session.Console]), and returns an
/// [io.ringkeep.cli.session.Answer], which is printed as text or JSON.
///
/// Invariants: only an answer goes to standard output, once, at the end; a secret comes from the
/// environment, a file or a prompt, never from an argument, and goes to core alone.
@NullMarked
package io.ringkeep.cli.session;

import org.jspecify.annotations.NullMarked;
