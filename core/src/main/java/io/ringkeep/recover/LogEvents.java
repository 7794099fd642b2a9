package io.ringkeep.recover;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.history.Marks;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.redis.stream.StreamCommand;
import io.ringkeep.redis.stream.StreamCutter;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.StreamState;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.repository.log.StretchReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Looks through the logs of a cache for commands that one may wish undone.
public final class LogEvents {
  private static final int SHOWN_WORDS = 8;
  private static final int ID_DIGITS = 8;

  /// What people send to every shard, and how far apart it may come there.
  private static final Set<String> EVERYWHERE = Set.of("FLUSHALL", "FLUSHDB", "FUNCTION");

  private static final Duration TOGETHER = Duration.ofSeconds(5);

  private LogEvents() {}

  /// What was found.
  ///
  /// @param events oldest first
  /// @param holes what of the logs is missing or damaged, in words: what happened there is not
  ///   known
  public record Found(List<LogEvent> events, List<String> holes) {
    public Found {
      events = List.copyOf(events);
      holes = List.copyOf(holes);
    }
  }

  /// The events of all shards of a cache, oldest first. Holds a read lease.
  ///
  /// @param manyKeys how many keys a `DEL` has to name to be one
  public static Found of(Repository repository, String cache, int manyKeys) throws IOException {
    try (Lease _ = repository.leases().acquireRead("log events")) {
      return of(CacheHistory.of(repository, cache), manyKeys);
    }
  }

  /// The same of what was looked at.
  ///
  /// @param manyKeys how many keys a `DEL` has to name to be one
  public static Found of(CacheHistory history, int manyKeys) throws IOException {
    List<LogEvent> all = new ArrayList<>();
    List<String> holes = new ArrayList<>();
    for (ShardHistory shard : history.shards()) {
      Found found = of(shard.log(), manyKeys);
      all.addAll(found.events());
      holes.addAll(found.holes());
    }
    all.sort(Comparator.comparing(event -> event.time().orElse(Instant.MIN)));
    List<LogEvent> joined = new ArrayList<>();
    for (LogEvent event : all) {
      int at = lastOfTheSame(joined, event);
      if (at < 0) {
        joined.add(event);
      } else {
        joined.set(at, join(joined.get(at), event));
      }
    }
    return new Found(joined, holes);
  }

  /// The event that another one is a part of, as it came to another shard at about the same time.
  private static int lastOfTheSame(List<LogEvent> events, LogEvent event) {
    for (int i = events.size() - 1; i >= 0; i--) {
      LogEvent other = events.get(i);
      boolean near =
          other.time().isPresent()
              && event.time().isPresent()
              && Duration.between(other.time().get(), event.time().get()).compareTo(TOGETHER) <= 0;
      if (near
          && EVERYWHERE.contains(word(event))
          && other.command().equals(event.command())
          && other.database() == event.database()
          && !other.shards().containsAll(event.shards())) {
        return i;
      }
    }
    return -1;
  }

  private static String word(LogEvent event) {
    return event.command().split(" ", 2)[0].toUpperCase(Locale.ROOT);
  }

  private static LogEvent join(LogEvent one, LogEvent other) {
    List<LogEvent.Place> places = new ArrayList<>(one.places());
    places.addAll(other.places());
    return new LogEvent(one.time(), places, one.database(), one.command());
  }

  /// The events of a shard, in the order of its stretches.
  private static Found of(ShardLog log, int manyKeys) throws IOException {
    while (true) {
      int damaged = log.damaged();
      List<Stretch> stretches = log.stretches();
      try {
        // Branches share their beginnings: an event is listed once.
        Map<String, LogEvent> events = new LinkedHashMap<>();
        for (Stretch stretch : stretches) {
          of(log, stretch, manyKeys).forEach(event -> events.putIfAbsent(event.id(), event));
        }
        return new Found(List.copyOf(events.values()), log.holes(stretches));
      } catch (CorruptData e) {
        // Once more, without what is damaged.
        if (log.damaged() == damaged) {
          throw e;
        }
      }
    }
  }

  private static List<LogEvent> of(ShardLog log, Stretch stretch, int manyKeys) throws IOException {
    List<LogEvent> events = new ArrayList<>();
    Marks marks = new Marks(log, stretch);
    StretchReader reader = log.read(stretch, stretch.start());
    StreamState state = reader.state();
    StreamCutter cutter =
        new StreamCutter(reader.start(), state.database(), state.insideTransaction(), SHOWN_WORDS);
    List<StreamCommand> commands = new ArrayList<>();
    for (ByteBuffer bytes = reader.next(); bytes.hasRemaining(); bytes = reader.next()) {
      cutter.feed(
          bytes,
          command -> {
            if (destroys(command, manyKeys)) {
              commands.add(command);
            }
            return true;
          });
      String replid = reader.segment().replid();
      for (StreamCommand command : commands) {
        events.add(
            new LogEvent(
                marks.executed(command.end()).map(mark -> Marks.time(mark.timeMicros())),
                List.of(
                    new LogEvent.Place(
                        replid.substring(0, ID_DIGITS)
                            + "-"
                            + HexFormat.of().toHexDigits(command.start()),
                        log.shard())),
                command.database(),
                command.text()));
      }
      commands.clear();
    }
    return events;
  }

  private static boolean destroys(StreamCommand command, int manyKeys) {
    return switch (command.name()) {
      case "FLUSHALL", "FLUSHDB", "SWAPDB", "RENAME", "RENAMENX" -> true;
      case "FUNCTION" -> true;
      case "DEL", "UNLINK" -> command.words() > manyKeys;
      default -> false;
    };
  }
}
