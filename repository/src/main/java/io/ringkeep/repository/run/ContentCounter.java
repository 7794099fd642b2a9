package io.ringkeep.repository.run;

import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.repository.manifest.Contents;
import io.ringkeep.repository.manifest.ExpiryCount;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.TypeCount;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/// Counts what a snapshot or a part of it holds, record by record.
///
/// Not thread-safe; each shard counts for itself and [#add] joins the counts.
final class ContentCounter {
  /*
   * Expiries are counted in spans that widen with their distance from the start: one for the past, hours for three
   * days, days for three months, months of thirty days for ten years, one for what lies beyond.
   */
  private static final int TYPES = 256;
  private static final long HOURS = 72;
  private static final long DAYS = 90;
  private static final long MONTHS = 120;
  private static final long DAYS_IN_MONTH = 30;
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final int FIRST_DAY = (int) (1 + HOURS);
  private static final int FIRST_MONTH = (int) (FIRST_DAY + DAYS - HOURS / 24);
  private static final int BEYOND = (int) (FIRST_MONTH + MONTHS - DAYS / DAYS_IN_MONTH);

  /// The records of one version in one database, by type.
  private static final class Kind {
    final RdbVersion version;
    final int database;
    final long[] records;

    Kind(RdbVersion version, int database, int types) {
      this.version = version;
      this.database = database;
      records = new long[types];
    }
  }

  private final long startMillis;
  private final List<Kind> kinds = new ArrayList<>();
  private Kind current = new Kind(RdbVersion.redis(1), -1, 0);
  private final long[] expiries = new long[BEYOND + 1];
  private long latestExpiry;
  private long records;
  private long bytes;
  private long expiring;
  private long largestValueBytes;

  ContentCounter(Instant start) {
    startMillis = start.toEpochMilli();
  }

  void count(Record record) {
    count(record, record.version(), record.type());
  }

  /// Counts a record that an older run holds, maybe in another encoding.
  ///
  /// @param version that it is stored in
  /// @param type that it is stored as
  void count(Record record, RdbVersion version, int type) {
    records++;
    bytes +=
        (long) RdbBody.headLength(record) + record.key().remaining() + record.value().remaining();
    largestValueBytes = Math.max(largestValueBytes, record.value().remaining());
    if (current.database != record.database() || !Objects.equals(current.version, version)) {
      current = kind(version, record.database());
    }
    current.records[type]++;
    if (record.expires()) {
      expiring++;
      expiries[span(record.expiryMillis())]++;
      latestExpiry = Math.max(latestExpiry, record.expiryMillis());
    }
  }

  /// Adds what another counter with the same start has counted.
  void add(ContentCounter other) {
    records += other.records;
    bytes += other.bytes;
    expiring += other.expiring;
    largestValueBytes = Math.max(largestValueBytes, other.largestValueBytes);
    latestExpiry = Math.max(latestExpiry, other.latestExpiry);
    for (int i = 0; i < expiries.length; i++) {
      expiries[i] += other.expiries[i];
    }
    for (Kind kind : other.kinds) {
      Kind own = kind(kind.version, kind.database);
      for (int type = 0; type < TYPES; type++) {
        own.records[type] += kind.records[type];
      }
    }
  }

  /// What was counted.
  ///
  /// @param runs whose size in the store counts for them
  Contents contents(List<RunDescriptor> runs) {
    long storedBytes = runs.stream().mapToLong(RunDescriptor::storedBytes).sum();
    List<TypeCount> types = new ArrayList<>();
    for (Kind kind : kinds) {
      for (int type = 0; type < TYPES; type++) {
        if (kind.records[type] > 0) {
          types.add(new TypeCount(kind.version.magic(), type, kind.database, kind.records[type]));
        }
      }
    }
    types.sort(
        Comparator.comparing(TypeCount::version)
            .thenComparingInt(TypeCount::database)
            .thenComparingInt(TypeCount::type));
    List<ExpiryCount> spans = new ArrayList<>();
    for (int span = 0; span < expiries.length; span++) {
      if (expiries[span] > 0) {
        spans.add(new ExpiryCount(edge(span), edge(span + 1), expiries[span]));
      }
    }
    return new Contents(records, bytes, storedBytes, types, largestValueBytes, expiring, spans);
  }

  private Kind kind(RdbVersion version, int database) {
    for (Kind kind : kinds) {
      if (kind.database == database && kind.version.equals(version)) {
        return kind;
      }
    }
    Kind added = new Kind(version, database, TYPES);
    kinds.add(added);
    return added;
  }

  private int span(long expiryMillis) {
    long ahead = expiryMillis - startMillis;
    if (ahead < 0) {
      return 0;
    }
    if (ahead < HOURS * HOUR) {
      return 1 + (int) (ahead / HOUR);
    }
    if (ahead < DAYS * DAY) {
      return (int) (FIRST_DAY + ahead / DAY - HOURS / 24);
    }
    long month = ahead / (DAYS_IN_MONTH * DAY);
    return month < MONTHS ? (int) (FIRST_MONTH + month - DAYS / DAYS_IN_MONTH) : BEYOND;
  }

  /// Where a span begins.
  private Instant edge(int span) {
    if (span == 0) {
      return Instant.EPOCH;
    }
    if (span > BEYOND) {
      return Instant.ofEpochMilli(latestExpiry).plusMillis(1);
    }
    long ahead;
    if (span <= FIRST_DAY) {
      ahead = (span - 1) * HOUR;
    } else if (span <= FIRST_MONTH) {
      ahead = (span - FIRST_DAY + HOURS / 24) * DAY;
    } else {
      ahead = (span - FIRST_MONTH + DAYS / DAYS_IN_MONTH) * DAYS_IN_MONTH * DAY;
    }
    return Instant.ofEpochMilli(startMillis + ahead);
  }
}
