package io.ringkeep.recover;

import java.time.Instant;
import java.util.Optional;

/// A command that destroys much, or changes what others mean.
///
/// @param id what `--to before:ID` takes
/// @param time by when it had been executed, by the server's clock, if that is known
/// @param shard that it came to
/// @param database that it was sent to
/// @param command its beginning
public record LogEvent(
    String id, Optional<Instant> time, String shard, int database, String command) {}
