/// Decides which snapshots are kept, forgets the others, and frees what nobody needs.
///
/// A [io.ringkeep.retention.RetentionPolicy] looks at [io.ringkeep.retention.Candidate]s and gives
/// each a [io.ringkeep.retention.Verdict] with its reasons; [io.ringkeep.retention.Forget] writes
/// it into the ledger, which deletes nothing; [io.ringkeep.retention.Prune] deletes later what no
/// snapshot needs. [io.ringkeep.retention.Pins] keeps a snapshot whatever the rules say.
///
/// Invariants: no rule forgets the newest good snapshot, a pinned one, or one whose time has not
/// come, or the last base of a stretch of the log; a snapshot that counts for no rule pushes none
/// out; nothing is deleted while the ledger or a manifest is damaged, while someone reads, or
/// before the grace period has passed.
///
/// Read [io.ringkeep.retention.RetentionPolicy] first. Format: `docs/format/ledger.md`.
@NullMarked
package io.ringkeep.retention;

import org.jspecify.annotations.NullMarked;
