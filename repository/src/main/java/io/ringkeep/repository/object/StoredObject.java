package io.ringkeep.repository.object;

/// An object as it was written: what a manifest remembers of it.
///
/// @param storedBytes length in the store
/// @param sha256 of its stored bytes but the last 32, which hold the same; in hex
public record StoredObject(String name, long storedBytes, String sha256) {}
