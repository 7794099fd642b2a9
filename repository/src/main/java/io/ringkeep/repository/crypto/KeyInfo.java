package io.ringkeep.repository.crypto;

import java.time.Instant;

/// A passphrase that opens the repository, as a listing shows it.
///
/// @param label what its owner called it
public record KeyInfo(String id, String label, Instant created) {}
