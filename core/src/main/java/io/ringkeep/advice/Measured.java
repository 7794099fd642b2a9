package io.ringkeep.advice;

/// The numbers that formulas take from `docs/benchmarks.md`: two processors that Ringkeep shares
/// with the servers, Redis 7.0, three datasets, from 21 B to 10 KiB a value.
///
/// Backup and loading are planes through the three datasets, whose largest distance is within the
/// margin; `AdviseTest` reads the table and holds them to it. Another machine has another pace.
public final class Measured {
  public static final double MIB = 1 << 20;
  public static final double MILLION = 1e6;

  /// Processors of the machine that all of it was measured on.
  public static final int PROCESSORS = 2;

  /// Start, passphrase, first compilation.
  public static final double BACKUP_START_SECONDS = 1.5;

  public static final double BACKUP_SECONDS_PER_MIB = 0.0435;

  /// Of that, sorting and writing: 3.0 of 8.63 parts, see "What limits it". Four threads at most.
  public static final double WRITER_SECONDS_PER_MIB = BACKUP_SECONDS_PER_MIB * 3.0 / 8.63;

  public static final int MOST_WRITERS = 4;

  /// A server's child makes an RDB of at least so much a second: `redis-cli --rdb` of the
  /// collections, 318.6 MiB in 12.34 s.
  public static final double SERVER_MIB_PER_SECOND = 318.6 / 12.34;

  /// Loading by replication: the server itself sets the pace.
  public static final double LOAD_START_SECONDS = 2.6;

  public static final double LOAD_SECONDS_PER_MILLION_KEYS = 0.62;
  public static final double LOAD_SECONDS_PER_MIB = 0.0073;

  /// Loading by `RESTORE`, into several primaries.
  public static final double COMMANDS_START_SECONDS = 3.5;

  public static final double COMMANDS_SECONDS_PER_MILLION_KEYS = 3.6;
  public static final double COMMANDS_SECONDS_PER_MIB = 0.0082;

  /// Reading back: cutting and fingerprinting, 2.2 of the same 8.63 parts.
  public static final double READ_BACK_SECONDS_PER_MIB = BACKUP_SECONDS_PER_MIB * 2.2 / 8.63;

  /// The part of [io.ringkeep.probe.WorkProbe]'s work in a whole backup or restore: a process of
  /// seconds still compiles, shares its processors with servers, and moves bytes. Median of six
  /// times in the table of `bench/advise`, by which predictions fell short.
  private static final double WORK_SHARE = 0.6;

  /// What [io.ringkeep.probe.WorkProbe] finds on that machine: by the two parts above, that share.
  public static final double WORK_SECONDS_PER_MIB =
      (READ_BACK_SECONDS_PER_MIB + WRITER_SECONDS_PER_MIB) * WORK_SHARE;

  /// Stored bytes for each byte of RDB: small JSON strings, and values of 10 KiB.
  public static final double BEST_COMPRESSION = 145.7 / 577.8;

  public static final double WORST_COMPRESSION = 498.2 / 617.9;

  /// Of backup and restore.
  public static final Margin TIME_MARGIN = Margin.of(25);

  /// Of stored bytes where the compression of the data is known: repository over zstd -3 of the RDB
  /// file was 0.95 to 1.05.
  public static final int STORED_PERCENT = 5;

  /// A node's share of what is stored, over what its weight says.
  public static final Margin BALANCE_MARGIN = Margin.of(5);

  /// Objects of a run, see [io.ringkeep.advice.Forecast].
  public static final double OBJECT_BYTES = 16 * MIB;

  /// What a read of an object in pieces asks for at a time.
  public static final double RANGE_BYTES = MIB;

  /// A piece's part of a stripe.
  public static final double UNIT_BYTES = 64 * 1024;

  /// Of each piece, what a repair reads at a time.
  public static final double REPAIR_BYTES = 16 * UNIT_BYTES;

  /// Round trips that a piece takes to be opened and committed.
  public static final double REPAIR_ROUNDS = 4;

  /// How often the archiver writes a segment, and how long writes are in its memory alone.
  public static final double SEGMENT_SECONDS = 1.0;

  public static final double FSYNC_SECONDS = 0.1;

  private Measured() {}

  /// Pace of a host whose own work takes so long, [Situation#MOST_PACE] at most: one that had no
  /// time for us while it was measured.
  ///
  /// @param workSeconds for a mebibyte of RDB, as `WorkProbe` times it
  public static double pace(double workSeconds) {
    return Math.min(workSeconds / WORK_SECONDS_PER_MIB, Situation.MOST_PACE);
  }

  /// Seconds of a backup that nothing but processors hold up.
  public static double backupSeconds(Situation situation) {
    double data = situation.dataBytes() / MIB;
    double all = BACKUP_SECONDS_PER_MIB * data * PROCESSORS / situation.processors();
    double writers = WRITER_SECONDS_PER_MIB * data / Math.min(situation.processors(), MOST_WRITERS);
    return situation.pace() * (BACKUP_START_SECONDS + Math.max(all, writers));
  }

  /// Seconds of loading that nothing but processors hold up.
  public static double loadSeconds(Situation situation) {
    double data = situation.dataBytes() / MIB;
    double keys = situation.keys() / MILLION;
    if (situation.shards() == 1) {
      return situation.pace()
          * (LOAD_START_SECONDS
              + LOAD_SECONDS_PER_MILLION_KEYS * keys
              + LOAD_SECONDS_PER_MIB * data);
    }
    double all = COMMANDS_SECONDS_PER_MILLION_KEYS * keys + COMMANDS_SECONDS_PER_MIB * data;
    return situation.pace()
        * (COMMANDS_START_SECONDS
            + all * PROCESSORS / Math.min(situation.processors(), MOST_WRITERS));
  }

  /// Seconds of fingerprinting so many bytes on one processor.
  public static double readBackSeconds(Situation situation, double bytes) {
    return situation.pace() * READ_BACK_SECONDS_PER_MIB * bytes / MIB;
  }

  /// Seconds until a server's child has made so many bytes of RDB.
  public static double serverSeconds(Situation situation, double bytes) {
    return situation.pace() * bytes / (SERVER_MIB_PER_SECOND * MIB);
  }

  /// Seconds of replaying so many bytes of archived commands: as long as loading them by `RESTORE`,
  /// each command taken to be as large as a key and its value.
  public static double replaySeconds(Situation situation, double bytes) {
    double commands = bytes * situation.keys() / situation.dataBytes();
    return situation.pace()
        * (COMMANDS_SECONDS_PER_MILLION_KEYS * commands / MILLION
            + COMMANDS_SECONDS_PER_MIB * bytes / MIB);
  }
}
