/// The commands: `backup`, `restore` and the others, each a class that names its options, calls
/// core and renders the answer.
///
/// [io.ringkeep.cli.verb.Ringkeep] is the tree of them. JSON answers are the records named `…View`:
/// their field names are a promise to scripts.
@NullMarked
package io.ringkeep.cli.verb;

import org.jspecify.annotations.NullMarked;
