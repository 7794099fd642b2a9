package io.ringkeep.cli.demo;

import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.BackupResult;
import io.ringkeep.backup.Incremental;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Proof;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.store.file.FileStore;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.EngineException;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A cluster of three primaries is filled, backed up, lost, and restored onto five primaries and
/// onto one standalone.
///
/// The servers' own digests are the judge: what they said of every key before must be what the
/// others say afterwards.
public final class Demo {
  private static final String CACHE = "demo";
  private static final long SEED = 20_261_123;
  private static final int RANDOM_KEYS = 20_000;
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private final Clock clock;
  private final LongSupplier nanoTime;
  private final Consumer<DemoStep> screen;
  private final List<DemoStep> steps = new ArrayList<>();

  /// @param screen is shown each step when it is done
  public Demo(Clock clock, LongSupplier nanoTime, Consumer<DemoStep> screen) {
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.screen = screen;
  }

  /// What a step made, and what there is to say about it.
  private record Done<T>(T value, String finding) {}

  /// The body of a step.
  private interface Body<T> {
    Done<T> run() throws IOException, InterruptedException;
  }

  /// What should be the same is not.
  private static final class Mismatch extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Mismatch(String message) {
      super(message);
    }
  }

  /// Ends the demo after a step that failed, which has been shown.
  private static final class StepFailed extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /// Runs all steps up to the first that fails.
  ///
  /// @throws InterruptedException if the caller is interrupted; servers and files are gone then too
  public List<DemoStep> run() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("ringkeep-demo-");
    try {
      Engine engine = step("unpack", () -> unpack(folder));
      try (TestCluster source = step("start", () -> start(engine))) {
        story(engine, source, folder.resolve("repository"));
      }
    } catch (StepFailed e) {
      // It was shown where it happened; what is left is to clean up.
    } finally {
      delete(folder);
    }
    return List.copyOf(steps);
  }

  private void story(Engine engine, TestCluster source, Path place)
      throws StepFailed, IOException, InterruptedException {
    Contents before = step("fill", () -> fill(source));
    Path known = place.resolveSibling("known");
    try (Repository repository = step("init", () -> init(place))) {
      step("backup", () -> backup(source, repository, known));
      step("lose", () -> lose(source));
      try (TestCluster target = TestCluster.start(engine, 5)) {
        step("restore", () -> restore(repository, target.uri(), "a cluster of five primaries"));
        step("compare", () -> compare(before, target.primaries()));
      }
      try (TestServer target = TestServer.start(engine)) {
        step("restore", () -> restore(repository, target.uri(), "one standalone server"));
        step("compare", () -> compare(before, List.of(target)));
      }
    }
  }

  private <T> T step(String name, Body<T> body) throws StepFailed, InterruptedException {
    long start = nanoTime.getAsLong();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    try {
      Done<T> done = body.run();
      show(name, /* passed= */ true, done.finding(), start);
      return done.value();
    } catch (BackupException | EngineException | Mismatch | IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      show(name, /* passed= */ false, String.valueOf(e.getMessage()), start);
      throw new StepFailed();
    }
  }

  private void show(String name, boolean passed, String finding, long startNanos) {
    double seconds = Duration.ofNanos(nanoTime.getAsLong() - startNanos).toMillis() / 1_000.0;
    DemoStep step = new DemoStep(name, passed, finding, seconds);
    steps.add(step);
    screen.accept(step);
  }

  private static Done<Engine> unpack(Path folder) {
    Engine engine = Engines.embedded(folder.resolve("engine"));
    return new Done<>(engine, "a real server, " + engine + ", into " + folder);
  }

  private static Done<TestCluster> start(Engine engine) {
    TestCluster cluster = TestCluster.start(engine, 3);
    return new Done<>(cluster, "a cluster of three primaries at " + cluster.uri());
  }

  private static Done<Contents> fill(TestCluster source) {
    Dataset.of(SEED, RANDOM_KEYS).writeTo(source);
    Contents contents = Oracle.read(source);
    String types =
        contents.keysByType().entrySet().stream()
            .map(entry -> entry.getKey() + " " + Text.count(entry.getValue()))
            .collect(Collectors.joining(", "));
    return new Done<>(
        contents,
        "%s, a third with a time to live (%s)"
            .formatted(Text.count(contents.keys(), "key"), types));
  }

  private Done<Repository> init(Path place) throws IOException {
    Passphrase passphrase = Passphrase.of(UUID.randomUUID().toString());
    Repository repository =
        Repository.init(
            new FileStore(place), InitOptions.encrypted(), Optional.of(passphrase), clock);
    return new Done<>(repository, "an encrypted repository, its passphrase drawn at random");
  }

  private Done<Manifest> backup(TestCluster source, Repository repository, Path known)
      throws IOException, InterruptedException {
    BackupRequest request =
        new BackupRequest(
            CACHE,
            RedisUri.parse(source.uri()),
            ConnectionOptions.DEFAULT,
            SourcePolicy.PREFER_REPLICA,
            Duration.ofSeconds(10),
            3,
            OptionalLong.empty(),
            TIMEOUT,
            /* adopt= */ false,
            new Incremental(/* full= */ true, /* acceptCollapse= */ false, known));
    BackupResult result =
        Backup.run(Backup.plan(request, repository), repository, clock, Progress.silent());
    Manifest manifest = result.manifest();
    return new Done<>(
        manifest,
        "snapshot %s: %s in %s, %s, %s stored"
            .formatted(
                manifest.id(),
                Text.count(manifest.records(), "record"),
                Text.count(manifest.shards().size(), "shard"),
                ByteSize.format(manifest.bytes()),
                ByteSize.format(manifest.storedBytes())));
  }

  private static Done<Long> lose(TestCluster source) {
    source.primaries().forEach(primary -> primary.call("FLUSHALL"));
    long left = source.primaries().stream().mapToLong(primary -> primary.keys(0)).sum();
    if (left != 0) {
      throw new Mismatch("FLUSHALL left keys: keys=" + left);
    }
    return new Done<>(left, "FLUSHALL on every primary: 0 keys left");
  }

  private Done<RestoreResult> restore(Repository repository, String target, String shape)
      throws IOException, InterruptedException {
    RestoreRequest request =
        new RestoreRequest(
            CACHE,
            "latest",
            RedisUri.parse(target),
            ConnectionOptions.DEFAULT,
            Existing.REFUSE,
            Loader.AUTO,
            Proof.TARGET,
            Optional.empty(),
            TIMEOUT);
    RestoreResult result =
        Restore.run(Restore.plan(request, repository, clock), repository, clock, Progress.silent());
    if (!result.proven()) {
      throw new Mismatch("the target was not read back: " + result.warnings());
    }
    return new Done<>(
        result,
        "onto %s by %s: %s, read back and equal"
            .formatted(
                shape,
                result.plan().loader().name().toLowerCase(Locale.ROOT),
                Text.count(result.records(), "record")));
  }

  private static Done<Contents> compare(Contents before, List<TestServer> servers) {
    Contents after = Oracle.read(servers);
    List<String> differences = before.differences(after);
    if (!differences.isEmpty() || !before.sum().equals(after.sum())) {
      throw new Mismatch("the servers' own digests differ: " + differences);
    }
    return new Done<>(
        after,
        "the servers' own digests of %s equal those before (sum %s)"
            .formatted(Text.count(after.keys(), "key"), after.sum()));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
