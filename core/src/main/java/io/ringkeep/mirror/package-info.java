/// Copies a whole repository to a second one, object by object, without its key.
///
/// Start at [io.ringkeep.mirror.Mirror]. Invariants: the second repository is whole after every
/// single write; nothing is written there that is not, byte for byte, what was once written here.
@NullMarked
package io.ringkeep.mirror;

import org.jspecify.annotations.NullMarked;
