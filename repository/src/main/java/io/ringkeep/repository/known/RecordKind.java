package io.ringkeep.repository.known;

/// What a record is to whoever must restore it.
///
/// @param version magic of the RDB version that its value is stored in
/// @param type RDB number of its type
/// @param database it lives in
public record RecordKind(String version, int type, int database) {}
