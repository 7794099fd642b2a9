package io.ringkeep.redis.rdb;

/// What a stream knows of itself beside its entries.
///
/// Streams written before Redis 7.0 (type 15) carry `length` and `last` only; the rest is then what
/// Redis 7.0 and later would fill in when they load one.
///
/// @param length number of entries that are not deleted
/// @param last id of the newest entry ever added, or set by `XSETID`
/// @param first id of the oldest entry, or [StreamId#ZERO] if there is none
/// @param maxDeleted highest id that was ever deleted, or [StreamId#ZERO]
/// @param entriesAdded number of entries ever added
public record StreamState(
    long length, StreamId last, StreamId first, StreamId maxDeleted, long entriesAdded) {}
