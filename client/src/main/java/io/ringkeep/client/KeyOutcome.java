package io.ringkeep.client;

import io.ringkeep.model.BackupException;
import java.util.Optional;

/// What became of one of many keys.
///
/// @param key the key
/// @param backupKey its backup
/// @param failure why it was not done; empty: it was
@SuppressWarnings("ArrayRecordComponent") // nobody compares these
public record KeyOutcome(byte[] key, byte[] backupKey, Optional<BackupException> failure) {}
