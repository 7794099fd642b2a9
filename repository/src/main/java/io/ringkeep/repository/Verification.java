package io.ringkeep.repository;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.RecordHasher;
import io.ringkeep.model.SlotDigests;
import io.ringkeep.model.SlotRange;
import io.ringkeep.repository.crypto.Keyring;
import io.ringkeep.repository.manifest.Ledger;
import io.ringkeep.repository.manifest.LedgerState;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ProofLog;
import io.ringkeep.repository.manifest.RunDescriptor;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.run.RunFinding;
import io.ringkeep.repository.run.RunVerifier;
import io.ringkeep.repository.run.RunVerifier.Fingerprints;
import io.ringkeep.repository.run.SlotSums;
import io.ringkeep.store.ObjectInfo;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads all that snapshots need and compares everything that can be compared. Damage is collected,
/// not thrown.
public final class Verification {

  /// Something wrong with an object.
  ///
  /// @param object its name
  /// @param reason what is wrong
  /// @param snapshots ids of those that need it, as far as that is known
  /// @param slots in which records of these snapshots cannot be read; empty if all can
  /// @param records how many cannot be read, as far as that is known
  public record Finding(
      String object, String reason, List<String> snapshots, List<SlotRange> slots, long records) {
    public Finding {
      snapshots = List.copyOf(snapshots);
      slots = List.copyOf(slots);
    }
  }

  /// What a verification found.
  ///
  /// @param snapshots those that were read, oldest first; one whose manifest is damaged is missing
  /// @param runs how many runs were read
  /// @param storedBytes what they take in the store
  /// @param records how many records they hold
  /// @param findings what is wrong
  /// @param orphans objects that no snapshot needs: left by a backup that died, or being written
  public record Report(
      List<Manifest> snapshots,
      int runs,
      long storedBytes,
      long records,
      List<Finding> findings,
      List<ObjectInfo> orphans) {
    public Report {
      snapshots = List.copyOf(snapshots);
      findings = List.copyOf(findings);
      orphans = List.copyOf(orphans);
    }

    /// True if nothing is wrong.
    public boolean whole() {
      return findings.isEmpty();
    }
  }

  /// Is told of each run that was read. Called by several threads.
  @FunctionalInterface
  public interface Listener {
    /// So much more was read.
    void advance(long storedBytes, long records);
  }

  private final Repository repository;
  private final String cache;
  private final Supplier<Fingerprints> fingerprints;
  private final Listener listener;
  private final List<Finding> findings = new ArrayList<>();
  private final Map<String, String> manifestNames = new HashMap<>();

  private Verification(
      Repository repository, String cache, Supplier<Fingerprints> fingerprints, Listener listener) {
    this.repository = repository;
    this.cache = cache;
    this.fingerprints = fingerprints;
    this.listener = listener;
  }

  /// Verifies what belongs to no cache: the `REPOSITORY` file and the keys. Damage here affects all
  /// snapshots.
  public static List<Finding> ofRepository(Repository repository) throws IOException {
    List<Finding> findings = new ArrayList<>();
    try {
      RepositoryFile.read(repository.store().read(RepositoryFile.NAME));
    } catch (CorruptData | UnsupportedFormat e) {
      findings.add(finding(RepositoryFile.NAME, e.getMessage(), List.of()));
    }
    Keyring.damaged(repository.store())
        .forEach((file, reason) -> findings.add(finding(file, reason, List.of())));
    return findings;
  }

  /// Verifies snapshots of a cache.
  ///
  /// @param which of the committed snapshots
  /// @param fingerprints makes what gives records their fingerprints, one for each thread
  /// @throws IOException if the store cannot be read at all
  public static Report ofCache(
      Repository repository,
      String cache,
      Predicate<SnapshotReference> which,
      Supplier<Fingerprints> fingerprints,
      Listener listener)
      throws IOException {
    Repository.directory(cache);
    return new Verification(repository, cache, fingerprints, listener).run(which);
  }

  private Report run(Predicate<SnapshotReference> which) throws IOException {
    List<SnapshotReference> committed = readLedger();
    List<Manifest> manifests = new ArrayList<>();
    for (SnapshotReference reference : committed) {
      if (which.test(reference)) {
        readManifest(reference, manifests);
      }
    }
    readProofs();
    Map<RunDescriptor, List<String>> users = new LinkedHashMap<>();
    for (Manifest manifest : manifests) {
      for (RunDescriptor run : manifest.runs()) {
        users.computeIfAbsent(run, _ -> new ArrayList<>()).add(manifest.id());
      }
    }
    Map<RunDescriptor, RunVerifier.Report> reports = readRuns(List.copyOf(users.keySet()));
    long storedBytes = 0;
    long records = 0;
    for (Map.Entry<RunDescriptor, RunVerifier.Report> entry : reports.entrySet()) {
      storedBytes += entry.getKey().storedBytes();
      records += entry.getKey().records();
      for (RunFinding found : entry.getValue().findings()) {
        findings.add(
            new Finding(
                found.object(),
                found.reason(),
                users.getOrDefault(entry.getKey(), List.of()),
                found.slots(),
                found.records()));
      }
    }
    for (Manifest manifest : manifests) {
      compareDigest(manifest, reports);
    }
    return new Report(manifests, reports.size(), storedBytes, records, findings, orphans());
  }

  private List<SnapshotReference> readLedger() throws IOException {
    Map<String, CorruptData> damage = new LinkedHashMap<>();
    List<SnapshotReference> committed =
        LedgerState.of(
                new Ledger(repository.store(), repository.objects(), cache).salvage(damage::put))
            .references();
    // Whoever lists snapshots reads the whole ledger, so all of them are affected.
    List<String> all = committed.stream().map(SnapshotReference::id).toList();
    damage.forEach((name, e) -> findings.add(finding(name, e.getMessage(), all)));
    return committed;
  }

  private void readManifest(SnapshotReference reference, List<Manifest> manifests)
      throws IOException {
    try {
      Manifest manifest = repository.snapshots(cache).readStored(reference);
      manifests.add(manifest);
      manifestNames.put(manifest.id(), reference.manifest().name());
    } catch (CorruptData | UnsupportedFormat e) {
      findings.add(
          new Finding(
              reference.manifest().name(),
              String.valueOf(e.getMessage()),
              List.of(reference.id()),
              List.of(SlotRange.ALL),
              0));
    }
  }

  private void readProofs() throws IOException {
    for (ObjectInfo proof : repository.store().list(ProofLog.directory(cache))) {
      try {
        repository.objects().read(proof.key(), ObjectKind.PROOF);
      } catch (CorruptData e) {
        findings.add(
            new Finding(proof.key(), String.valueOf(e.getMessage()), List.of(), List.of(), 0));
      }
    }
  }

  private Map<RunDescriptor, RunVerifier.Report> readRuns(List<RunDescriptor> runs)
      throws IOException {
    int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4);
    List<RunVerifier> verifiers = new ArrayList<>();
    BlockingQueue<RunVerifier> idle = new LinkedBlockingQueue<>();
    Map<RunDescriptor, RunVerifier.Report> reports = new LinkedHashMap<>();
    // Uncompressing keeps a processor busy: platform threads.
    try (ExecutorService executor =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("ringkeep-verify-", 0).factory())) {
      for (int i = 0; i < threads; i++) {
        verifiers.add(
            new RunVerifier(
                repository.objects(),
                new RecordHasher(repository.hashKey()),
                fingerprints.get(),
                () -> repository.store().size(RepositoryFile.NAME)));
      }
      idle.addAll(verifiers);
      List<Future<RunVerifier.Report>> tasks = new ArrayList<>();
      for (RunDescriptor run : runs) {
        tasks.add(executor.submit(() -> verify(run, idle)));
      }
      try {
        for (int i = 0; i < runs.size(); i++) {
          reports.put(runs.get(i), tasks.get(i).get());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while verifying");
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException failure) {
          throw failure;
        }
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        throw new IllegalStateException("a run could not be verified", e.getCause());
      } finally {
        executor.shutdownNow();
      }
    } finally {
      verifiers.forEach(RunVerifier::close);
    }
    return reports;
  }

  private RunVerifier.Report verify(RunDescriptor run, BlockingQueue<RunVerifier> idle)
      throws IOException, InterruptedException {
    RunVerifier verifier = idle.take();
    try {
      return verifier.verify(run);
    } finally {
      idle.add(verifier);
      listener.advance(run.storedBytes(), run.records());
    }
  }

  /// The sum of all runs' changes must be what the manifest says.
  private void compareDigest(Manifest manifest, Map<RunDescriptor, RunVerifier.Report> reports) {
    SlotSums sums = new SlotSums();
    for (RunDescriptor run : manifest.runs()) {
      RunVerifier.Report report = reports.get(run);
      if (report == null || report.changes() == null) {
        return; // Found already.
      }
      sums.add(report.changes());
    }
    SlotDigests digests = new SlotDigests();
    sums.addTo(digests);
    String actual = digests.total().toString();
    if (!actual.equals(manifest.digest())) {
      findings.add(
          new Finding(
              manifestNames.getOrDefault(manifest.id(), manifest.id()),
              "runs do not give the manifest's digest: expected=%s actual=%s"
                  .formatted(manifest.digest(), actual),
              List.of(manifest.id()),
              List.of(SlotRange.ALL),
              0));
    }
  }

  private List<ObjectInfo> orphans() throws IOException {
    try {
      return SnapshotObjects.orphans(repository, cache);
    } catch (CorruptData | UnsupportedFormat e) {
      // What nobody needs cannot be told where the ledger or a manifest is damaged, which is found
      // above.
      return List.of();
    }
  }

  private static Finding finding(String object, @Nullable String reason, List<String> snapshots) {
    return new Finding(object, String.valueOf(reason), snapshots, List.of(SlotRange.ALL), 0);
  }
}
