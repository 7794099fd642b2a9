/// Proves that backups are whole and that they restore.
///
/// [io.ringkeep.verify.Verify] reads every stored byte that snapshots need;
/// [io.ringkeep.verify.Drill] loads a snapshot into a real server of its own and reads it back.
/// Both leave a note in the repository, which `status` reads.
@NullMarked
package io.ringkeep.verify;

import org.jspecify.annotations.NullMarked;
