/// Secrets of a repository: passphrases, the data key they wrap, and the keys derived from it.
///
/// A [io.ringkeep.repository.crypto.DataKey] encrypts everything; a
/// [io.ringkeep.repository.crypto.Keyring] keeps it wrapped by one or more
/// [io.ringkeep.repository.crypto.Passphrase]s, so that a passphrase changes without touching data.
///
/// Invariants: no secret reaches a message, a log or `toString`; a repository that is encrypted
/// always has a key.
///
/// Read [io.ringkeep.repository.crypto.DataKey] first, then
/// [io.ringkeep.repository.crypto.Keyring]. Format: `docs/format/keys.md`.
@NullMarked
package io.ringkeep.repository.crypto;

import org.jspecify.annotations.NullMarked;
