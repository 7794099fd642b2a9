package io.ringkeep.recover;

import io.ringkeep.history.Marks;
import io.ringkeep.redis.stream.StreamCommand;
import io.ringkeep.redis.stream.StreamCutter;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.StreamState;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.repository.log.StretchReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What stands in the log around an offset: the last end of a transaction, and the commands on
/// either side of it.
final class Surroundings {
  private static final int SHOWN_WORDS = 8;
  private static final int MOST_SEGMENTS_BACK = 15;

  private final long offset;
  private long boundary;
  private @Nullable StreamCommand kept;
  private @Nullable StreamCommand candidate;
  private @Nullable StreamCommand dropped;

  private Surroundings(long offset) {
    this.offset = offset;
  }

  /// Looks around `offset`: backwards over a few segments to a command that changes data, and
  /// forward to the next one.
  static Surroundings of(ShardLog log, Stretch stretch, long offset) throws IOException {
    int segment = new Marks(log, stretch).segmentOf(offset);
    int back = 0;
    while (true) {
      int from = Math.max(0, segment - back);
      Surroundings found = of(log, stretch, offset, stretch.names().get(from).start());
      if (found.kept != null || from == 0 || back >= MOST_SEGMENTS_BACK) {
        return found;
      }
      back = back * 2 + 1;
    }
  }

  private static Surroundings of(ShardLog log, Stretch stretch, long offset, long start)
      throws IOException {
    Surroundings surroundings = new Surroundings(offset);
    StretchReader reader = log.read(stretch, start);
    StreamState state = reader.state();
    StreamCutter cutter =
        new StreamCutter(reader.start(), state.database(), state.insideTransaction(), SHOWN_WORDS);
    surroundings.boundary = reader.start();
    boolean[] goOn = {true};
    ByteBuffer bytes = reader.next();
    while (goOn[0] && bytes.hasRemaining()) {
      cutter.feed(
          bytes,
          command -> {
            goOn[0] = surroundings.take(command);
            return goOn[0];
          });
      if (goOn[0]) {
        bytes = reader.next();
      }
    }
    return surroundings;
  }

  /// @return whether more is to be looked at
  private boolean take(StreamCommand command) {
    boolean changes = command.changesData();
    if (command.end() > offset) {
      dropped = dropped == null && changes ? command : dropped;
      return dropped == null;
    }
    if (changes) {
      candidate = command;
      dropped = dropped == null ? command : dropped;
    }
    if (command.endsTransaction()) {
      boundary = command.end();
      kept = candidate;
      dropped = null;
    }
    return true;
  }

  /// Offset behind the last transaction that ends at the offset or before it.
  long boundary() {
    return boundary;
  }

  /// The last command before the boundary that changes data, if one is near.
  Optional<String> lastKept() {
    return Optional.ofNullable(kept).map(StreamCommand::text);
  }

  /// The first one behind the boundary.
  Optional<String> firstDropped() {
    return Optional.ofNullable(dropped).map(StreamCommand::text);
  }
}
