package io.ringkeep.recover;

import io.ringkeep.history.Marks;
import io.ringkeep.redis.stream.RelativeExpiry;
import io.ringkeep.redis.stream.StreamCommand;
import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.Segment;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.Stretch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Tells a target until when keys live, behind the commands of a server before 7.0 that only say
/// how long. For one thread.
///
/// The time of a command is that of the first mark behind it, too late by the archive's fsync
/// interval and the round trip of a sample at most.
final class AbsoluteExpiries {
  private static final long MICROS = 1_000;

  private final Marks all;
  // Of the segment that commands come from, in order.
  private long segmentEnd = -1;
  private List<Mark> marks = List.of();
  private int next;
  private long behindMarks;

  /// For a stretch of `log`.
  AbsoluteExpiries(ShardLog log, Stretch stretch) {
    this.all = new Marks(log, stretch);
  }

  /// What a target is to be sent behind `command`, which says how long its key lives.
  ///
  /// @param segment that the command's last byte lies in; commands come in order
  ByteBuffer behind(StreamCommand command, Segment segment) throws IOException {
    long lives = RelativeExpiry.millis(command).orElseThrow();
    return RelativeExpiry.endsAt(command, executedMillis(command.end(), segment) + lives);
  }

  private long executedMillis(long offset, Segment segment) throws IOException {
    if (segment.end() != segmentEnd) {
      segmentEnd = segment.end();
      marks = segment.marks();
      next = 0;
      behindMarks = -1;
    }
    while (next < marks.size() && marks.get(next).offset() < offset) {
      next++;
    }
    if (next < marks.size()) {
      return marks.get(next).timeMicros() / MICROS;
    }
    if (behindMarks < 0) {
      // An archive that may not ask for the time has none but that of its own host.
      behindMarks =
          all.executed(offset)
              .map(mark -> mark.timeMicros() / MICROS)
              .orElseGet(() -> segment.capturedUntil().toEpochMilli());
    }
    return behindMarks;
  }
}
