package io.ringkeep.simulate;

import java.util.ArrayDeque;
import java.util.Deque;

/// Something that serves one after the other, or as many at once as it has hands: a disk, a
/// processor, a pool of threads.
final class Station {
  private final Events events;
  private final Deque<Job> queue = new ArrayDeque<>();
  private int free;

  private record Job(double seconds, Runnable done) {}

  Station(Events events, int hands) {
    this.events = events;
    this.free = hands;
  }

  /// Serves for so many seconds, once it is this one's turn.
  void serve(double seconds, Runnable done) {
    queue.add(new Job(seconds, done));
    next();
  }

  private void next() {
    if (free == 0 || queue.isEmpty()) {
      return;
    }
    free--;
    Job job = queue.remove();
    events.after(
        job.seconds(),
        () -> {
          free++;
          job.done().run();
          next();
        });
  }
}
