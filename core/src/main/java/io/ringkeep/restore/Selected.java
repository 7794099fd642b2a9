package io.ringkeep.restore;

/// What of a snapshot is restored.
///
/// @param records how many
/// @param bytes of their keys and values
/// @param expired how many have expired
/// @param expiringWithinHour how many more will within the hour
/// @param highestDatabase that any of them goes to
public record Selected(
    long records, long bytes, long expired, long expiringWithinHour, int highestDatabase) {}
