package io.ringkeep.repository.manifest;

/// How many records of one kind a snapshot holds.
///
/// @param version magic of the RDB version that they come from; it gives `type` its meaning
/// @param type RDB type number
/// @param database number of the database they live in
/// @param records how many there are
public record TypeCount(String version, int type, int database, long records) {}
