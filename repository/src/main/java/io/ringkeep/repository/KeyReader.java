package io.ringkeep.repository;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.run.KeyEntry;
import io.ringkeep.repository.run.ReadOptions;
import io.ringkeep.repository.run.RunReaders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// One key in any snapshots of a cache, at the cost of its position's blocks.
///
/// Snapshots share runs, and a run never changes: each is asked at most once whether it knows the
/// key, however many snapshots need it. Used by one thread; whoever reads holds a read lease.
public final class KeyReader implements AutoCloseable {
  private static final ReadOptions OPTIONS = new ReadOptions(/* memoryBytes= */ 1 << 20, 1);

  private final Repository repository;
  private final int database;
  private final ByteBuffer key;
  private final long position;
  private final RunReaders readers;
  private final Map<String, KeyEntry.State> states = new HashMap<>();

  /// Nothing is read yet.
  public KeyReader(Repository repository, int database, ByteBuffer key) {
    this.repository = repository;
    this.database = database;
    this.key = key;
    position = new RecordHasher(repository.hashKey()).position(database, key);
    readers =
        new RunReaders(repository.objects(), () -> new RecordHasher(repository.hashKey()), OPTIONS);
  }

  /// The run whose record of the key counts in a snapshot; empty if the key was not there.
  ///
  /// @throws CorruptData naming the object that is missing or damaged
  public Optional<RunDescriptor> holder(Manifest snapshot) throws IOException {
    for (RunDescriptor run : snapshot.runs().reversed()) {
      switch (state(run)) {
        case ABSENT -> {}
        case GONE -> {
          return Optional.empty();
        }
        case PRESENT -> {
          return Optional.of(run);
        }
      }
    }
    return Optional.empty();
  }

  /// The key's entry in a snapshot, to be closed; empty if the key was not there. For whoever looks
  /// into one snapshot: the run that has the key is read once, not twice.
  ///
  /// @throws CorruptData naming the object that is missing or damaged
  public Optional<KeyEntry> find(Manifest snapshot) throws IOException {
    for (RunDescriptor run : snapshot.runs().reversed()) {
      if (states.get(run.id()) != KeyEntry.State.ABSENT && mayHold(run)) {
        KeyEntry entry = open(run);
        states.put(run.id(), entry.state());
        if (entry.state() == KeyEntry.State.PRESENT) {
          return Optional.of(entry);
        }
        entry.close();
        if (entry.state() == KeyEntry.State.GONE) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  /// The key's entry in a run, to be closed.
  ///
  /// @throws CorruptData naming the object that is missing or damaged
  public KeyEntry open(RunDescriptor run) throws IOException {
    return KeyEntry.find(repository.places(run), position, database, key, readers);
  }

  private KeyEntry.State state(RunDescriptor run) throws IOException {
    KeyEntry.State known = states.get(run.id());
    if (known == null) {
      known = mayHold(run) ? ask(run) : KeyEntry.State.ABSENT;
      states.put(run.id(), known);
    }
    return known;
  }

  private KeyEntry.State ask(RunDescriptor run) throws IOException {
    try (KeyEntry entry = open(run)) {
      return entry.state();
    }
  }

  /// False if the manifest alone shows that the run has nothing there.
  private boolean mayHold(RunDescriptor run) {
    return run.records() + run.tombstones() > 0
        && Long.compareUnsigned(Long.parseUnsignedLong(run.firstPosition(), 16), position) <= 0
        && Long.compareUnsigned(position, Long.parseUnsignedLong(run.lastPosition(), 16)) <= 0;
  }

  /// Frees memory and threads.
  @Override
  public void close() {
    readers.close();
  }
}
