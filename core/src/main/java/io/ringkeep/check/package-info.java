/// Tests whether a backup or a restore would work, before anyone needs it: no fork, nothing
/// changed.
///
/// Each test is one [io.ringkeep.check.CheckLine]: OK, WARN or FAIL, with the next step. Start at
/// [io.ringkeep.check.RepositoryChecks].
@NullMarked
package io.ringkeep.check;

import org.jspecify.annotations.NullMarked;
