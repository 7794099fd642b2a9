package io.ringkeep.testkit;

/// A key that a dataset writes: its database and its name as raw bytes.
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record DatasetKey(int database, byte[] name) {}
