package io.ringkeep.recover;

import io.ringkeep.redis.stream.StreamCommand;
import io.ringkeep.redis.stream.StreamCutter;
import io.ringkeep.repository.log.StreamState;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.repository.log.StretchReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Looks through a shard's log for commands that one may wish undone.
public final class LogEvents {
  private static final int SHOWN_WORDS = 8;
  private static final int ID_DIGITS = 8;

  private LogEvents() {}

  /// The events of a shard, oldest first.
  ///
  /// @param manyKeys how many keys a `DEL` has to name to be one
  /// @throws io.ringkeep.model.BackupException.CorruptData if a segment is missing or damaged
  public static List<LogEvent> of(ShardHistory history, int manyKeys) throws IOException {
    // Branches share their beginnings: an event is listed once.
    Map<String, LogEvent> events = new TreeMap<>();
    List<LogEvent> found = new ArrayList<>();
    for (ShardWindow window : history.windows()) {
      for (LogEvent event : of(history, window.stretch(), manyKeys)) {
        if (events.putIfAbsent(event.id(), event) == null) {
          found.add(event);
        }
      }
    }
    return found;
  }

  private static List<LogEvent> of(ShardHistory history, Stretch stretch, int manyKeys)
      throws IOException {
    List<LogEvent> events = new ArrayList<>();
    Marks marks = new Marks(history.log(), stretch);
    StretchReader reader = history.log().read(stretch, stretch.start());
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
                replid.substring(0, ID_DIGITS) + "-" + HexFormat.of().toHexDigits(command.start()),
                marks.executed(command.end()).map(mark -> Marks.time(mark.timeMicros())),
                history.log().shard(),
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
