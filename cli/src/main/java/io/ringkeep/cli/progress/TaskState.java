package io.ringkeep.cli.progress;

import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Text;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;

/// How far one task is.
///
/// Counters may be added to by any thread. Everything else belongs to the display, under its lock.
final class TaskState {
  /// The rate shown is that of the last seconds, so that it follows a server that slows down.
  private static final Duration RATE_WINDOW = Duration.ofSeconds(5);

  private final String name;
  private final OptionalLong totalBytes;
  private final long begunNanos;
  private final LongAdder bytes = new LongAdder();
  private final LongAdder records = new LongAdder();
  private final Deque<Sample> samples = new ArrayDeque<>();
  private String phase = "";

  private record Sample(long nanos, long bytes) {}

  TaskState(String name, OptionalLong totalBytes, long nowNanos) {
    this.name = name;
    this.totalBytes = totalBytes;
    this.begunNanos = nowNanos;
    samples.add(new Sample(nowNanos, 0));
  }

  String name() {
    return name;
  }

  String phase() {
    return phase;
  }

  void phase(String newPhase) {
    phase = newPhase;
  }

  void advance(long moreBytes, long moreRecords) {
    bytes.add(moreBytes);
    records.add(moreRecords);
  }

  long bytes() {
    return bytes.sum();
  }

  /// Takes a sample for the rate; called every fraction of a second.
  void sample(long nowNanos) {
    samples.addLast(new Sample(nowNanos, bytes.sum()));
    while (samples.size() > 2 && nowNanos - samples.getFirst().nanos() > RATE_WINDOW.toNanos()) {
      samples.removeFirst();
    }
  }

  long bytesPerSecond() {
    Sample first = samples.getFirst();
    Sample last = samples.getLast();
    long nanos = last.nanos() - first.nanos();
    return nanos <= 0 ? 0 : (long) ((last.bytes() - first.bytes()) * 1e9 / nanos);
  }

  /// What part is done, from 0 to 1. A total may be a guess: while the task runs, it is never all.
  Optional<Double> fraction() {
    if (totalBytes.isEmpty() || totalBytes.getAsLong() <= 0) {
      return Optional.empty();
    }
    return Optional.of(Math.min(0.99, (double) bytes.sum() / totalBytes.getAsLong()));
  }

  /// How long the rest takes at the present rate.
  Optional<Duration> timeLeft() {
    long rate = bytesPerSecond();
    long left = totalBytes.orElse(0) - bytes.sum();
    return rate > 0 && left > 0
        ? Optional.of(Duration.ofSeconds((left + rate - 1) / rate))
        : Optional.empty();
  }

  /// Percent, bytes, rate and time left, as far as they are known.
  List<String> figures() {
    List<String> figures = new ArrayList<>();
    fraction().ifPresent(done -> figures.add(String.format(Locale.ROOT, "%3d%%", percent(done))));
    if (bytes.sum() > 0) {
      figures.add(ByteSize.format(bytes.sum()));
      figures.add(ByteSize.format(bytesPerSecond()) + "/s");
    }
    timeLeft().ifPresent(left -> figures.add("ETA " + DurationText.clock(left)));
    return figures;
  }

  private static int percent(double fraction) {
    return (int) (fraction * 100);
  }

  /// What was done in all, for the line that stays.
  String summary(long nowNanos) {
    Duration elapsed = Duration.ofNanos(nowNanos - begunNanos);
    List<String> parts = new ArrayList<>();
    if (bytes.sum() > 0) {
      parts.add(ByteSize.format(bytes.sum()));
    }
    if (records.sum() > 0) {
      parts.add(Text.count(records.sum(), "record"));
    }
    String in =
        (parts.isEmpty() ? "" : String.join(", ", parts) + " in ") + DurationText.format(elapsed);
    return bytes.sum() > 0 && elapsed.toMillis() > 0
        ? in + ", " + ByteSize.format((long) (bytes.sum() * 1e3 / elapsed.toMillis())) + "/s"
        : in;
  }
}
