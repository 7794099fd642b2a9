package io.ringkeep.history;

import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.repository.log.SlotMap.MappedShard;
import io.ringkeep.repository.manifest.Manifest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the repository knows of the shards of a cache, and of who served what when.
///
/// @param shards that have a log
/// @param maps how slots were served, oldest first; none of a cache that is no cluster
public record CacheHistory(List<ShardHistory> shards, List<SlotMap> maps) {
  public CacheHistory {
    shards = List.copyOf(shards);
    maps = List.copyOf(maps);
  }

  /// Of a cache.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if a slot map is damaged
  public static CacheHistory of(Repository repository, String cache) throws IOException {
    return of(repository, cache, repository.snapshots(cache).all());
  }

  /// The same, as far as these snapshots stand on it.
  public static CacheHistory of(Repository repository, String cache, List<Manifest> manifests)
      throws IOException {
    return new CacheHistory(
        ShardHistory.of(repository, cache, manifests), repository.slotMaps(cache).all());
  }

  /// The same by another look, in which what was found damaged since is missing.
  public CacheHistory again() throws IOException {
    List<ShardHistory> looked = new ArrayList<>();
    for (ShardHistory shard : shards) {
      looked.add(shard.again());
    }
    return new CacheHistory(looked, maps);
  }

  /// How many segments were found damaged so far. When it has grown, another look tells more.
  public int damaged() {
    return shards.stream().mapToInt(shard -> shard.log().damaged()).sum();
  }

  /// The shard whose log has this name.
  public Optional<ShardHistory> shard(String log) {
    return shards.stream().filter(shard -> shard.log().shard().equals(log)).findFirst();
  }

  /// The whole name of the one log that begins so.
  ///
  /// @throws NotFound if none does, or several do
  public String logNamed(String beginning) {
    List<String> meant =
        shards.stream()
            .map(shard -> shard.log().shard())
            .filter(shard -> shard.startsWith(beginning))
            .toList();
    if (meant.size() != 1) {
      throw new NotFound(
          "not the beginning of one shard's name: shard=" + beginning, "'status' shows them");
    }
    return meant.getFirst();
  }

  /// How slots were served at a time: as was seen last by then, or, before anything was seen,
  /// first.
  public Optional<SlotMap> mapAt(Instant time) {
    return maps.stream()
        .filter(map -> !map.time().isAfter(time))
        .reduce((_, later) -> later)
        .or(() -> maps.stream().findFirst());
  }

  /// What a shard does at present.
  public Duty duty(String log) {
    if (maps.isEmpty()) {
      return Duty.SERVES;
    }
    Optional<MappedShard> shard = maps.getLast().shard(log);
    if (shard.isEmpty()) {
      return Duty.GONE;
    }
    return shard.get().serves() ? Duty.SERVES : Duty.IDLE;
  }

  /// What a shard does.
  public enum Duty {
    /// It serves slots, or there are none.
    SERVES,
    /// It serves none, and is there.
    IDLE,
    /// It is there no more.
    GONE
  }

  /// The logs without which the dataset of a time is not whole: of shards that served slots then,
  /// or were on the way to.
  public Set<String> needed(Instant time) {
    Set<String> needed = new HashSet<>();
    Optional<SlotMap> map = mapAt(time);
    if (map.isEmpty()) {
      shards.forEach(shard -> needed.add(shard.log().shard()));
      return needed;
    }
    map.get().shards().stream()
        .filter(MappedShard::serves)
        .forEach(shard -> needed.add(shard.log()));
    map.get().moves().forEach(move -> needed.add(move.to()));
    // What was first seen later may have been so by then.
    maps.stream()
        .filter(next -> next.time().isAfter(time) && next.since().isBefore(time))
        .forEach(next -> {
          next.shards().stream()
              .filter(MappedShard::serves)
              .forEach(shard -> needed.add(shard.log()));
          next.moves().forEach(move -> needed.add(move.to()));
        });
    return needed;
  }

  /// A time and a later one, both included.
  public record Span(Instant from, Instant until) {}

  /// The times to which all shards that serve slots now can be restored together, oldest first.
  public List<Span> spans() {
    List<Span> common = List.of(new Span(Instant.MIN, Instant.MAX));
    for (ShardHistory shard : shards) {
      if (duty(shard.log().shard()) == Duty.SERVES) {
        common = intersection(common, spans(shard));
      }
    }
    return shards.isEmpty() ? List.of() : common;
  }

  private static List<Span> spans(ShardHistory shard) {
    List<Span> spans = new ArrayList<>();
    for (ShardWindow window : shard.windows()) {
      if (window.from().isPresent() && window.until().isPresent()) {
        spans.add(new Span(window.from().get(), window.until().get()));
      }
    }
    return spans;
  }

  private static List<Span> intersection(List<Span> some, List<Span> others) {
    List<Span> both = new ArrayList<>();
    for (Span one : some) {
      for (Span other : others) {
        Instant from = one.from().isAfter(other.from()) ? one.from() : other.from();
        Instant until = one.until().isBefore(other.until()) ? one.until() : other.until();
        if (!from.isAfter(until)) {
          both.add(new Span(from, until));
        }
      }
    }
    return both;
  }
}
