package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.known.KnownFolder;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Decision;
import io.ringkeep.repository.manifest.LedgerState;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.run.TestRecords;
import io.ringkeep.store.file.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Repositories that were written by the first version of each format stay readable.
class GoldenRepositoryTest {
  private static final Path FOLDER = Path.of("src", "test", "resources", "golden", "repository");
  private static final Path GOLDEN = FOLDER.resolve("format-1");
  private static final Path LEDGER_2 = FOLDER.resolve("ledger-2");
  private static final Path MANIFEST_2 = FOLDER.resolve("manifest-2");
  private static final int GENERATIONS = 3;

  @ParameterizedTest
  @EnumSource
  void read_firstFormat_isWhatWasWritten(Encryption encryption) throws IOException {
    Path folder = GOLDEN.resolve(encryption.wireName());
    InitOptions options = new InitOptions(encryption, 10);
    try (Repository repository =
        TestSnapshots.open(FileStore.readOnly(folder.resolve("repository")), options)) {
      List<Manifest> manifests = repository.snapshots(TestSnapshots.CACHE).all();
      assertThat(manifests).hasSize(2);
      for (int i = 0; i < 2; i++) {
        List<String> expected = Files.readAllLines(folder.resolve("snapshot-%d.txt".formatted(i)));
        assertThat(expected).hasSizeGreaterThan(20);
        assertThat(lines(repository, manifests.get(i))).isEqualTo(expected);
      }
      assertThat(TestSnapshots.verify(repository).findings()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_secondLedgerFormat_knowsWhatIsForgottenPinnedAndCompacted(Encryption encryption)
      throws IOException {
    Path folder = LEDGER_2.resolve(encryption.wireName());
    InitOptions options = new InitOptions(encryption, 10);
    try (Repository repository =
        TestSnapshots.open(FileStore.readOnly(folder.resolve("repository")), options)) {
      LedgerState state = repository.snapshots(TestSnapshots.CACHE).state();
      assertThat(state.snapshots()).hasSize(3);
      assertThat(state.snapshots().stream().map(LedgerState.Snapshot::pin))
          .containsExactly(Optional.of("before the migration"), Optional.empty(), Optional.empty());
      assertThat(state.retired().stream().map(LedgerState.Retired::forgotten))
          .containsExactly(false, true);
      List<Manifest> manifests = repository.snapshots(TestSnapshots.CACHE).all();
      assertThat(manifests.get(1).runs()).hasSize(1);
      for (int i = 0; i < 3; i++) {
        assertThat(lines(repository, manifests.get(i)))
            .isEqualTo(Files.readAllLines(folder.resolve("snapshot-%d.txt".formatted(i))))
            .hasSizeGreaterThan(20);
      }
      assertThat(TestSnapshots.verify(repository).findings()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_secondManifestFormat_incrementalsHoldWhatTheyHeld(Encryption encryption)
      throws IOException {
    Path folder = MANIFEST_2.resolve(encryption.wireName());
    InitOptions options = new InitOptions(encryption, 10);
    try (Repository repository =
        TestSnapshots.open(FileStore.readOnly(folder.resolve("repository")), options)) {
      List<Manifest> manifests = repository.snapshots(TestSnapshots.CACHE).all();
      assertThat(manifests).hasSize(GENERATIONS);
      assertThat(manifests.stream().map(manifest -> manifest.added().base()))
          .containsExactly(
              Optional.empty(),
              Optional.of(manifests.get(0).id()),
              Optional.of(manifests.get(1).id()));
      Manifest newest = manifests.getLast();
      assertThat(newest.runs()).hasSizeGreaterThan(manifests.get(1).runs().size());
      assertThat(newest.runs().getLast().tombstones()).isPositive();
      for (int i = 0; i < GENERATIONS; i++) {
        assertThat(lines(repository, manifests.get(i)))
            .isEqualTo(Files.readAllLines(folder.resolve("snapshot-%d.txt".formatted(i))))
            .hasSize(1 + changed(i).size());
      }
      assertThat(TestSnapshots.verify(repository).findings()).isEmpty();
      try (KeyReader gone = new KeyReader(repository, 0, TestRecords.bytes("large"))) {
        assertThat(gone.holder(manifests.getFirst())).isPresent();
        assertThat(gone.holder(newest)).isEmpty();
      }
    }
  }

  private static List<String> lines(Repository repository, Manifest manifest) throws IOException {
    List<String> lines = new ArrayList<>(List.of(line(manifest)));
    for (Record record : TestSnapshots.read(repository, manifest)) {
      lines.add(line(record));
    }
    return lines;
  }

  private static String line(Manifest manifest) {
    return "%s records=%d digest=%s shards=%d runs=%d warnings=%s servers=%s"
        .formatted(
            manifest.id(),
            manifest.records(),
            manifest.digest(),
            manifest.shards().size(),
            manifest.runs().size(),
            manifest.warnings(),
            manifest.servers());
  }

  private static String line(Record record) {
    return "%d %s %d %s %d %s %s"
        .formatted(
            record.database(),
            text(record.key()),
            record.expiryMillis(),
            record.heat(),
            record.type(),
            record.version(),
            text(record.value()));
  }

  /// Hex, or the length of what is nothing but zeros.
  private static String text(ByteBuffer bytes) {
    byte[] content = new byte[bytes.remaining()];
    bytes.get(bytes.position(), content);
    for (byte value : content) {
      if (value != 0) {
        return HexFormat.of().formatHex(content);
      }
    }
    return "zeros:" + content.length;
  }

  private static List<Record> records(int generation) {
    List<Record> records = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      records.add(
          new Record(
              i % 4,
              TestRecords.bytes("{tag" + i % 5 + "}:" + i),
              i % 3 == 0 ? Record.NO_EXPIRY : 1_795_000_000_000L + i,
              i % 2 == 0
                  ? Heat.UNKNOWN
                  : i % 4 == 1 ? new Heat.Idle(i * 10_000L) : new Heat.Frequency(i),
              i % 22,
              i % 7 == 0 ? RdbVersion.valkey(80) : RdbVersion.redis(9 + i % 3),
              TestRecords.bytes("value " + generation + " of " + i)));
    }
    ByteBuffer nothing = ByteBuffer.allocate(0);
    ByteBuffer large = ByteBuffer.allocate(2_500_000);
    RdbVersion version = RdbVersion.redis(11);
    records.add(new Record(0, nothing, Record.NO_EXPIRY, Heat.UNKNOWN, 0, version, nothing));
    records.add(new Record(0, TestRecords.bytes("large"), 1, Heat.UNKNOWN, 0, version, large));
    return records;
  }

  /// The cache at one of several backups: every third value changed each time, the last ones are
  /// gone.
  private static List<Record> changed(int generation) {
    List<Record> first = records(0);
    List<Record> latest = records(generation);
    List<Record> changed = new ArrayList<>();
    for (int i = 0; i < first.size() - 2 * generation; i++) {
      changed.add(i % 3 == 0 ? latest.get(i) : first.get(i));
    }
    return changed;
  }

  /// Writes the golden files of incremental snapshots: run once.
  private static void writeIncrementals(Path folder) throws IOException {
    for (Encryption encryption : Encryption.values()) {
      Path into = folder.resolve(encryption.wireName());
      Files.createDirectories(into);
      try (Repository repository =
              TestSnapshots.init(
                  new FileStore(into.resolve("repository")), new InitOptions(encryption, 10));
          Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "golden")) {
        KnownFolder known =
            new KnownFolder(
                Files.createTempDirectory("golden-known"), repository.id(), TestSnapshots.CACHE);
        for (int i = 0; i < GENERATIONS; i++) {
          List<Record> records = changed(i);
          TestSnapshots.backup(
              repository,
              lease,
              known,
              List.of(records.subList(0, 20), records.subList(20, records.size())),
              /* full= */ false,
              TestSnapshots.TINY);
        }
        List<Manifest> manifests = repository.snapshots(TestSnapshots.CACHE).all();
        for (int i = 0; i < manifests.size(); i++) {
          Files.write(
              into.resolve("snapshot-%d.txt".formatted(i)), lines(repository, manifests.get(i)));
        }
      }
    }
  }

  /// Writes the golden files of a new format: to be run once for each, never to replace old ones.
  public static void main(String[] folder) throws IOException {
    if (folder.length == 2) {
      writeIncrementals(Path.of(folder[1]));
      return;
    }
    for (Encryption encryption : Encryption.values()) {
      Path into = Path.of(folder[0], encryption.wireName());
      Files.createDirectories(into);
      try (Repository repository =
          TestSnapshots.init(
              new FileStore(into.resolve("repository")), new InitOptions(encryption, 10))) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          List<Record> records = records(i);
          ids.add(
              TestSnapshots.backup(
                      repository,
                      List.of(records.subList(0, 20), records.subList(20, records.size())))
                  .id());
        }
        try (Lease lease = repository.leases().acquire(TestSnapshots.CACHE, "golden")) {
          decide(repository, lease, new Decision.Keep(ids.subList(0, 2), "before the migration"));
          decide(repository, lease, new Decision.Release(ids.subList(1, 2)));
          assertThat(TestHistory.compact(repository, lease, ids.get(1), CompactionPlan.WHOLE))
              .isPresent();
          decide(repository, lease, new Decision.Forget(ids.subList(2, 3)));
        }
        List<Manifest> left = repository.snapshots(TestSnapshots.CACHE).all();
        for (int i = 0; i < left.size(); i++) {
          Files.write(into.resolve("snapshot-%d.txt".formatted(i)), lines(repository, left.get(i)));
        }
      }
    }
  }

  private static void decide(Repository repository, Lease lease, Decision decision)
      throws IOException {
    repository
        .ledger(TestSnapshots.CACHE)
        .append(lease.epoch(), TestSnapshots.CLOCK.instant(), decision);
  }
}
