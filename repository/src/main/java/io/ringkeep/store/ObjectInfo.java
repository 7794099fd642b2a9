package io.ringkeep.store;

/// An object in a listing.
public record ObjectInfo(String key, long sizeBytes) {}
