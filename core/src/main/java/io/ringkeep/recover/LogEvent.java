package io.ringkeep.recover;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A command that destroys much, or changes what others mean. What was sent to every shard of a
/// cluster is one event.
///
/// @param time by when it had been executed, by the server's clock, if that is known; on the first
///   shard
/// @param places where it stands in the logs, at least one
/// @param database that it was sent to
/// @param command its beginning
public record LogEvent(Optional<Instant> time, List<Place> places, int database, String command) {
  /// Where it stands in the log of one shard.
  ///
  /// @param id what `--to before:ID` takes
  /// @param shard whose log it is
  public record Place(String id, String shard) {}

  public LogEvent {
    places = List.copyOf(places);
  }

  /// What `--to before:ID` takes.
  public String id() {
    return places.getFirst().id();
  }

  /// The shards that it came to.
  public List<String> shards() {
    return places.stream().map(Place::shard).toList();
  }
}
