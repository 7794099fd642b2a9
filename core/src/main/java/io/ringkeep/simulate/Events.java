package io.ringkeep.simulate;

import java.util.Comparator;
import java.util.PriorityQueue;

/// A clock that jumps from event to event.
final class Events {
  private final PriorityQueue<Event> waiting =
      new PriorityQueue<>(Comparator.comparingDouble(Event::at).thenComparingLong(Event::number));
  private double now;
  private long count;

  /// @param number events of one moment happen in the order they were planned in
  private record Event(double at, long number, Runnable what) {}

  /// Seconds since the start.
  double now() {
    return now;
  }

  /// Plans something for so many seconds from now.
  void after(double seconds, Runnable what) {
    waiting.add(new Event(now + seconds, count++, what));
  }

  /// Goes on until nothing is planned.
  ///
  /// @return when the last event was
  double run() {
    for (Event next = waiting.poll(); next != null; next = waiting.poll()) {
      now = next.at();
      next.what().run();
    }
    return now;
  }
}
