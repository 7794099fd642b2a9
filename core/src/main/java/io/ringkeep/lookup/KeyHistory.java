package io.ringkeep.lookup;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.repository.KeyReader;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.run.KeyEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// All versions of one key over the snapshots of a cache.
///
/// Each run is asked once, at its key's position; a run that several snapshots share is not read
/// again. Equal fingerprints are one version.
public final class KeyHistory {
  private static final int MOST_SAMPLES = 5;

  /// What was true of the key in some snapshots that follow one another.
  ///
  /// @param first the oldest of these snapshots
  /// @param last the newest of them
  /// @param snapshots how many they are
  /// @param state what was true
  public record Period(
      SnapshotReference first, SnapshotReference last, int snapshots, State state) {}

  /// What can be true of a key in a snapshot.
  public sealed interface State {}

  /// It was there.
  ///
  /// @param fingerprint equal for equal versions
  /// @param type what it is, and how it is encoded
  /// @param bytes length of its value's RDB bytes
  /// @param elements number of elements; length of a string
  /// @param expiryMillis absolute expiry, or [Record#NO_EXPIRY]
  /// @param change against the version before; absent for the first
  public record Version(
      Fingerprint fingerprint,
      RdbType type,
      long bytes,
      long elements,
      long expiryMillis,
      Optional<Change> change)
      implements State {}

  /// What one version has changed.
  ///
  /// @param expiryMillisBefore of the version before
  public record Change(ValueChange value, long expiryMillisBefore) {}

  /// It was not there.
  ///
  /// @param expired the version before had expired by then
  public record Absent(boolean expired) implements State {}

  /// That cannot be known: what would tell is damaged.
  public record Unreadable(String reason, String hint) implements State {}

  /// All that is known.
  ///
  /// @param periods oldest first; the first one is not [Absent]
  public record Result(KeyName key, int snapshots, List<Period> periods) {
    public Result {
      periods = List.copyOf(periods);
    }

    /// False if some snapshots could not be read.
    public boolean whole() {
      return periods.stream().noneMatch(period -> period.state() instanceof Unreadable);
    }
  }

  private final Repository repository;
  private final String cache;
  private final KeyName key;
  private final KeyReader reader;
  private final ValueComparison comparison;
  private final RecordFingerprinter fingerprinter;
  private final Map<String, Version> versions = new HashMap<>();

  private KeyHistory(Repository repository, String cache, KeyName key, KeyReader reader) {
    this.repository = repository;
    this.cache = cache;
    this.key = key;
    this.reader = reader;
    comparison = new ValueComparison(repository.hashKey(), MOST_SAMPLES);
    fingerprinter = new RecordFingerprinter(repository.hashKey());
  }

  /// The key's history.
  ///
  /// @throws NotFound if no snapshot has the key; the hint names what is near
  public static Result of(Repository repository, String cache, KeyName key) throws IOException {
    return of(repository, cache, key, /* required= */ true);
  }

  /// The key's history.
  ///
  /// @param required whether some snapshot has to have the key
  /// @throws NotFound if none has it although it has to; the hint names what is near
  public static Result of(Repository repository, String cache, KeyName key, boolean required)
      throws IOException {
    try (Lease _ = repository.leases().acquireRead("history");
        KeyReader reader = new KeyReader(repository, key.database(), key.bytes())) {
      return new KeyHistory(repository, cache, key, reader).read(required);
    }
  }

  private Result read(boolean required) throws IOException {
    List<SnapshotReference> snapshots = repository.snapshots(cache).references();
    if (snapshots.isEmpty()) {
      repository.snapshots(cache).resolve("latest");
    }
    List<Period> periods = new ArrayList<>();
    Optional<RunDescriptor> before = Optional.empty();
    for (SnapshotReference snapshot : snapshots) {
      try {
        before = Damage.explained(repository, cache, new Step(snapshot, periods, before));
      } catch (CorruptData e) {
        add(periods, snapshot, new Unreadable(String.valueOf(e.getMessage()), e.hint().orElse("")));
      }
    }
    if (periods.isEmpty() && required) {
      Manifest newest = repository.snapshots(cache).read(snapshots.getLast());
      throw new NotFound(
          "no snapshot has the key: cache=%s snapshots=%d %s"
              .formatted(cache, snapshots.size(), key),
          new NearestKeys(repository, cache, newest, key, reader).hint());
    }
    return new Result(key, snapshots.size(), periods);
  }

  /// Looks into one snapshot; gives the run that held the newest version so far.
  private final class Step implements Damage.Reading<Optional<RunDescriptor>> {
    private final SnapshotReference snapshot;
    private final List<Period> periods;
    private final Optional<RunDescriptor> before;

    Step(SnapshotReference snapshot, List<Period> periods, Optional<RunDescriptor> before) {
      this.snapshot = snapshot;
      this.periods = periods;
      this.before = before;
    }

    @Override
    public Optional<RunDescriptor> read() throws IOException {
      Manifest manifest = repository.snapshots(cache).read(snapshot);
      Optional<RunDescriptor> run = reader.holder(manifest);
      if (run.isEmpty()) {
        if (!periods.isEmpty()) {
          add(periods, snapshot, absent());
        }
        return before;
      }
      Version plain = version(run.get());
      boolean same =
          newest(periods).map(Version::fingerprint).equals(Optional.of(plain.fingerprint()));
      Version version = same || before.isEmpty() ? plain : changed(plain, run.get());
      add(periods, snapshot, version);
      return run;
    }

    private Absent absent() {
      boolean expired =
          newest(periods)
              .filter(version -> version.expiryMillis() != Record.NO_EXPIRY)
              .filter(version -> version.expiryMillis() <= snapshot.time().toEpochMilli())
              .isPresent();
      return new Absent(expired);
    }

    private Version changed(Version plain, RunDescriptor run) throws IOException {
      try (KeyEntry older = reader.open(before.orElseThrow());
          KeyEntry newer = reader.open(run)) {
        Record was = older.record();
        Change change = new Change(comparison.compare(was, newer.record()), was.expiryMillis());
        return new Version(
            plain.fingerprint(),
            plain.type(),
            plain.bytes(),
            plain.elements(),
            plain.expiryMillis(),
            Optional.of(change));
      }
    }
  }

  private Version version(RunDescriptor run) throws IOException {
    Version known = versions.get(run.id());
    if (known == null) {
      try (KeyEntry entry = reader.open(run)) {
        Record record = entry.record();
        known =
            new Version(
                fingerprinter.fingerprint(record),
                KeyLookup.typeOf(record),
                record.value().remaining(),
                comparison.size(record),
                record.expiryMillis(),
                Optional.empty());
      }
      versions.put(run.id(), known);
    }
    return known;
  }

  /// The newest version so far, whether the key was there since or not.
  private static Optional<Version> newest(List<Period> periods) {
    for (Period period : periods.reversed()) {
      if (period.state() instanceof Version version) {
        return Optional.of(version);
      }
    }
    return Optional.empty();
  }

  /// Lengthens the last period, or begins another.
  private static void add(List<Period> periods, SnapshotReference snapshot, State state) {
    if (!periods.isEmpty() && same(periods.getLast().state(), state)) {
      Period last = periods.removeLast();
      periods.add(new Period(last.first(), snapshot, last.snapshots() + 1, last.state()));
    } else {
      periods.add(new Period(snapshot, snapshot, 1, state));
    }
  }

  private static boolean same(State one, State other) {
    return switch (one) {
      case Version version ->
          other instanceof Version newer && newer.fingerprint().equals(version.fingerprint());
      case Absent _ -> other instanceof Absent;
      case Unreadable unreadable ->
          other instanceof Unreadable newer && newer.reason().equals(unreadable.reason());
    };
  }
}
