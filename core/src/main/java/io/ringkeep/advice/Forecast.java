package io.ringkeep.advice;

import io.ringkeep.placement.Strategy.Sharded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a plan would do. Each value is one formula below; `docs/strategies.md` states them all.
///
/// @param firstBackup time of the first backup, and of every full one
/// @param nextBackup time of a later one
/// @param nearRestore time until the cache is loaded and read back, all storage being there
/// @param farRestore the same with all local storage gone; empty if that can't be done
/// @param rpo newest writes that a loss of the cache takes along, at worst
/// @param objectBytes stored at most once all rules of retention are full, before copies and parity
/// @param storedBytes the same with copies and parity: what all nodes hold
/// @param likelyObjectBytes of `objectBytes`, what is there while no snapshot stands on what
///   forgotten ones stored, nor on what was merged since
/// @param likelyBytes the same with copies and parity: by this, plans are compared
/// @param logBytes how much of `objectBytes` is archived writes
/// @param losses nodes that may be lost at once, at full strength
/// @param lossesAfterCommit the same right after a write that had just enough nodes
/// @param forksPerDay of all servers together
/// @param readBytesPerDay from production
/// @param linkShare part of the link to the cache that a backup takes while it runs; empty if the
///   link is no limit
/// @param repair time until what one lost node held is made anew; empty if nothing can be
public record Forecast(
    Duration firstBackup,
    Duration nextBackup,
    Duration nearRestore,
    Optional<Duration> farRestore,
    Duration rpo,
    double objectBytes,
    double storedBytes,
    double likelyObjectBytes,
    double likelyBytes,
    double logBytes,
    int losses,
    int lossesAfterCommit,
    double forksPerDay,
    double readBytesPerDay,
    OptionalDouble linkShare,
    Optional<Duration> repair) {
  /*
   * Sizes are bytes, times seconds. D data, k keys, n shards, W written bytes a second, r stored bytes for each byte of
   * data, E time between snapshots, R round trip. `Measured` has what processors and servers do.
   */
  private static final double DAY = 86_400;

  static Forecast of(Situation situation, Plan plan, Layout layout) {
    double data = situation.dataBytes();
    double every = seconds(plan.cadence().every());
    double full = fullBytes(situation);
    double first = backup(situation, layout, full);
    double next = backup(situation, layout, nextBytes(situation, plan));
    double log = log(situation, plan);
    double kept = snapshots(situation, plan);
    double likely = kept + log;
    double objects = (plan.cadence().kind() == Cadence.Kind.FULL ? kept : 2 * kept) + log;
    boolean sharded = plan.strategy() instanceof Sharded;
    return new Forecast(
        time(first),
        time(next),
        time(restore(situation, plan, full, layout.nearSecondsPerByte(), layout)),
        layout.farSecondsPerByte().isPresent()
            ? Optional.of(
                time(
                    restore(
                        situation, plan, full, layout.farSecondsPerByte().getAsDouble(), layout)))
            : Optional.empty(),
        time(rpo(situation, plan, layout, next)),
        objects,
        objects * plan.strategy().storedFactor(),
        likely,
        likely * plan.strategy().storedFactor(),
        log,
        plan.strategy().toleratedLosses(),
        plan.strategy().commitPieces() - plan.strategy().dataPieces(),
        situation.shards() * DAY / every,
        data * DAY / every + (continuous(plan) ? situation.writtenBytesPerSecond() * DAY : 0),
        situation.linkBytesPerSecond().isPresent()
            ? OptionalDouble.of(data / next / situation.linkBytesPerSecond().getAsLong())
            : OptionalDouble.empty(),
        sharded || plan.strategy().toleratedLosses() == 0
            ? Optional.empty()
            : Optional.of(time(repair(situation, layout, likely))));
  }

  private static boolean continuous(Plan plan) {
    return plan.cadence().kind() == Cadence.Kind.ARCHIVE;
  }

  /// Data that differs after `seconds`, if every key is as likely to be written as any other: the
  /// most that so many writes can change. D · (1 − e^(−W · t ÷ D))
  static double changed(Situation situation, double seconds) {
    double data = situation.dataBytes();
    return data * -Math.expm1(-situation.writtenBytesPerSecond() * seconds / data);
  }

  /// max(processors, D ÷ n ÷ server, D ÷ link, S × slowest + 2 · R · S ÷ 16 MiB ÷ threads)
  static double backup(Situation situation, Layout layout, double stored) {
    double data = situation.dataBytes();
    double processors = Measured.backupSeconds(situation);
    double server = Measured.serverSeconds(situation, data / situation.shards());
    double nodes = stored * layout.writeSecondsPerByte();
    double writers = Math.min(situation.processors(), Measured.MOST_WRITERS);
    double waits = stored / Measured.OBJECT_BYTES * 2 * seconds(situation.roundTrip()) / writers;
    return Math.max(
        Math.max(processors, server), Math.max(situation.linkSeconds(data), nodes + waits));
  }

  /// max(loading, D ÷ link, S × slowest + R · S ÷ range ÷ threads) + replay + reading back, where S
  /// has the log since the base, W · E
  static double restore(
      Situation situation, Plan plan, double stored, double secondsPerByte, Layout layout) {
    double loading = Measured.loadSeconds(situation);
    double replay = replayBytes(situation, plan);
    double nodes = (stored + replay) * secondsPerByte;
    double readers = Math.min(situation.processors(), Measured.MOST_WRITERS);
    double waits = (stored + replay) / range(layout) * seconds(situation.roundTrip()) / readers;
    return Math.max(
            loading, Math.max(situation.linkSeconds((double) situation.dataBytes()), nodes + waits))
        + Measured.replaySeconds(situation, replay)
        + readBack(situation);
  }

  /// Stored by a full backup, before copies and parity. D · r
  public static double fullBytes(Situation situation) {
    return situation.dataBytes() * situation.ratio();
  }

  /// Stored by a later one.
  public static double nextBytes(Situation situation, Plan plan) {
    return plan.cadence().kind() == Cadence.Kind.FULL
        ? fullBytes(situation)
        : changed(situation, seconds(plan.cadence().every())) * situation.ratio();
  }

  /// Archived writes that a restore has to replay at worst: all since the last base. W · E
  public static double replayBytes(Situation situation, Plan plan) {
    return continuous(plan)
        ? situation.writtenBytesPerSecond() * seconds(plan.cadence().every())
        : 0;
  }

  /// Bytes of an object that one round trip brings.
  static double range(Layout layout) {
    return Math.max(Measured.RANGE_BYTES, layout.dataPieces() * Measured.UNIT_BYTES);
  }

  /// Reading back. max(processors, D ÷ n ÷ server, D ÷ link)
  private static double readBack(Situation situation) {
    double data = situation.dataBytes();
    double processors = Measured.readBackSeconds(situation, data) / situation.processors();
    double server = Measured.serverSeconds(situation, data / situation.shards());
    return Math.max(Math.max(processors, server), situation.linkSeconds(data));
  }

  /// Snapshots: E + backup. Archive, to its host's disk, to a segment, to the nodes: 0.1 s + 1 s +
  /// W × slowest + 3 · R
  private static double rpo(Situation situation, Plan plan, Layout layout, double backup) {
    if (!continuous(plan)) {
      return seconds(plan.cadence().every()) + backup;
    }
    double segment = situation.writtenBytesPerSecond() * Measured.SEGMENT_SECONDS;
    return Measured.FSYNC_SECONDS
        + Measured.SEGMENT_SECONDS
        + segment * layout.writeSecondsPerByte()
        + 3 * seconds(situation.roundTrip());
  }

  /// Full: D · r · kept. Else, with the gaps between kept ones, D · r + Σ changed · r, and at most
  /// 2 · D · r + 2 · Σ changed · r: kept ones may stand on runs of forgotten ones, and what was
  /// merged is there twice until nothing needs the runs that it came from
  private static double snapshots(Situation situation, Plan plan) {
    double full = situation.dataBytes() * situation.ratio();
    double sum = full;
    for (Duration gap : plan.retention().gaps(plan.cadence().every())) {
      sum +=
          plan.cadence().kind() == Cadence.Kind.FULL
              ? full
              : changed(situation, seconds(gap)) * situation.ratio();
    }
    return sum;
  }

  /// For as long as snapshots are kept, a day at least: W · span. Segments are not taken to
  /// compress, which is an upper bound
  private static double log(Situation situation, Plan plan) {
    return continuous(plan)
        ? situation.writtenBytesPerSecond()
            * Math.max(DAY, seconds(plan.retention().span(plan.cadence().every())))
        : 0;
  }

  /// H is what the node held; mebibytes of it are made one after the other: read K others at once,
  /// write one. 2 · H ÷ slowest + R · H ÷ 1 MiB + 4 · R · pieces
  static double repair(Situation situation, Layout layout, double objectBytes) {
    double held = objectBytes * layout.largestShare();
    double round = seconds(situation.roundTrip());
    double pieceBytes = Measured.OBJECT_BYTES / layout.dataPieces();
    return held * 2 / layout.slowestBytesPerSecond()
        + held / Measured.REPAIR_BYTES * round
        + held / pieceBytes * Measured.REPAIR_ROUNDS * round;
  }

  static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }

  private static Duration time(double seconds) {
    return Duration.ofMillis((long) Math.min(seconds * 1_000, 3e14));
  }

  /// How far the times of backup and restore may be off.
  public static Margin timeMargin() {
    return Measured.TIME_MARGIN;
  }

  /// How far stored bytes may be off.
  public static Margin storedMargin(Situation situation, Plan plan) {
    int known = Measured.STORED_PERCENT;
    boolean bound = plan.cadence().kind() != Cadence.Kind.FULL;
    if (situation.compression().isPresent()) {
      return bound ? new Margin(100, known) : Margin.of(known);
    }
    int less = (int) Math.round(100 * (1 - Measured.BEST_COMPRESSION / Measured.WORST_COMPRESSION));
    return bound ? new Margin(100, known) : new Margin(less, known);
  }

  /// What a prediction takes for granted beyond what was measured.
  public static List<String> notes(Situation situation, Plan plan) {
    List<String> notes = new ArrayList<>();
    if (situation.compression().isEmpty()) {
      notes.add(
          "how far the data compresses is not known: the worst of three measured datasets is"
              + " taken");
    }
    if (situation.processors() > Measured.PROCESSORS) {
      notes.add(
          "measured with %d processors; that more do as much more, up to four writers, is assumed"
              .formatted(Measured.PROCESSORS));
    }
    if (plan.cadence().kind() == Cadence.Kind.INCREMENTAL) {
      notes.add("what changes is taken to spread over all keys: writes to few keys store less");
    }
    if (plan.cadence().kind() == Cadence.Kind.ARCHIVE) {
      notes.add(
          ("the log of %s is in the stored bytes; forget deletes what lies before the oldest base"
                  + " that stays")
              .formatted(Cadence.text(plan.retention().span(plan.cadence().every()))));
    }
    return notes;
  }
}
