package io.ringkeep.history;

import io.ringkeep.repository.log.Mark;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.Stretch;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The marks of one stretch, looked up by halving.
///
/// A clock that is set back in the stretch, or differs from one server to the next after a
/// failover, makes a time ambiguous; the place found then is one where the marks before say earlier
/// and the one behind says later. A segment whose head is damaged says nothing: a time is then
/// known with a wider bound.
public final class Marks {
  private final ShardLog log;
  private final Stretch stretch;

  /// Those of a stretch of `log`.
  public Marks(ShardLog log, Stretch stretch) {
    this.log = log;
    this.stretch = stretch;
  }

  /// Microseconds since 1970.
  public static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  /// The time of so many microseconds since 1970.
  public static Instant time(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private List<Mark> of(int segment) throws IOException {
    return log.marks(stretch.names().get(segment));
  }

  /// The last mark that says `micros` or earlier while the next one says later.
  public Optional<Mark> lastBy(long micros) throws IOException {
    int low = 0;
    int high = stretch.segments();
    // Segments before `low` begin by then; those from `high` on begin later or have nothing to say.
    while (low < high) {
      int middle = (low + high) >>> 1;
      int speaks = middle;
      while (speaks < high && of(speaks).isEmpty()) {
        speaks++;
      }
      if (speaks == high || of(speaks).getFirst().timeMicros() > micros) {
        high = middle;
      } else {
        low = speaks + 1;
      }
    }
    for (int i = Math.min(low, stretch.segments()) - 1; i >= 0; i--) {
      Optional<Mark> last = Optional.empty();
      for (Mark mark : of(i)) {
        if (mark.timeMicros() > micros) {
          break;
        }
        last = Optional.of(mark);
      }
      if (last.isPresent()) {
        return last;
      }
    }
    return Optional.empty();
  }

  /// The first mark at `offset` or behind it: when everything before `offset` had been executed.
  public Optional<Mark> executed(long offset) throws IOException {
    for (int i = segmentOf(offset); i < stretch.segments(); i++) {
      for (Mark mark : of(i)) {
        if (mark.offset() >= offset) {
          return Optional.of(mark);
        }
      }
    }
    return Optional.empty();
  }

  /// The last exact mark at `offset` or before it: what is behind `offset` was executed later.
  public Optional<Mark> notBefore(long offset) throws IOException {
    for (int i = segmentOf(offset); i >= 0; i--) {
      List<Mark> exact = new ArrayList<>(of(i));
      exact.removeIf(mark -> mark.kind() != Mark.Kind.SAMPLE || mark.offset() > offset);
      if (!exact.isEmpty()) {
        return Optional.of(exact.getLast());
      }
    }
    return Optional.empty();
  }

  /// The segment that the byte before `offset` lies in.
  public int segmentOf(long offset) {
    int low = 0;
    int high = stretch.segments() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (stretch.names().get(middle).end() >= offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
