package io.ringkeep.bench;

import com.github.luben.zstd.ZstdOutputStream;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.log.SegmentName;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.repository.log.StretchReader;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What it costs to archive a saturated server, how far its log is behind, what it takes to store,
/// and how fast it is replayed: `bench/archive [--scale 1.0] [--rounds 3] [--document FILE]`
///
/// By turns the server has one plain replica, or the archive instead. Then a replica that stood
/// still while the server wrote catches up, and `drill --to` replays the same bytes. Last comes a
/// log of 24 hours.
final class ArchiveSuite implements AutoCloseable {
  private static final String CACHE = "default";
  private static final long LOOK_MILLIS = 10;
  private static final double LOAD_RATIO = 1.1;
  private static final double LAG_SECONDS = 1;
  private static final double STORED_RATIO = 1.2;
  private static final double REPLAY_SPEED = 0.8;

  private final Engine engine = Engines.redis70();
  private final double scale;
  private final Path folder;
  private final PackagedCommand ringkeep;
  private final List<String> rows = new ArrayList<>();
  private boolean met = true;

  private ArchiveSuite(double scale, Path root, Path folder) {
    this.scale = scale;
    this.folder = folder;
    this.ringkeep = new PackagedCommand(root, folder);
  }

  /// Measures and prints. Ends with 1 if a target is missed, so that scripts notice.
  public static void main(String[] args) throws Exception {
    double scale = Double.parseDouble(Main.option(args, "--scale", "1.0"));
    int rounds = Integer.parseInt(Main.option(args, "--rounds", "3"));
    String document = Main.option(args, "--document", "");
    Path root = Path.of(System.getProperty("ringkeep.root", "."));
    Path work = Files.createTempDirectory("ringkeep-bench");
    boolean met;
    try (ArchiveSuite suite = new ArchiveSuite(scale, root, work)) {
      for (PipelinedWrites writes : PipelinedWrites.values()) {
        suite.saturated(writes, rounds);
      }
      suite.replayed(rounds);
      suite.day();
      if (!document.isEmpty()) {
        Figures.write(Path.of(document), "bench/archive", suite.markdown());
      }
      System.out.println(suite.markdown());
      met = suite.met;
    } finally {
      Suite.deleteTree(work);
    }
    System.exit(met ? 0 : 1);
  }

  /// What one round with the archive has shown.
  ///
  /// @param synced how often the server had to begin anew with a replica, or to go on with one
  /// @param spooledSeconds from the last reply until the archive had acknowledged the last write
  /// @param storedSeconds until the repository held it
  private record Archived(
      PipelinedWrites.Load load,
      long synced,
      double spooledSeconds,
      double storedSeconds,
      double overCompressed) {}

  private void saturated(PipelinedWrites writes, int rounds) throws Exception {
    List<PipelinedWrites.Load> plain = new ArrayList<>();
    List<Archived> archived = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      plain.add(withReplica(writes));
      archived.add(withArchive(writes));
      System.err.printf(
          "%s, round %d: %s, %s%n",
          writes.description(), round + 1, plain.getLast(), archived.getLast());
    }
    String what = writes.description();
    compare(
        "seconds for the same writes (" + what + "), archived ÷ with one plain replica",
        "s",
        archived.stream().map(one -> one.load().seconds()).toList(),
        plain.stream().map(PipelinedWrites.Load::seconds).toList());
    compare(
        "p99 of their replies (" + what + "), archived ÷ with one plain replica",
        "ms",
        archived.stream().map(one -> one.load().p99Millis()).toList(),
        plain.stream().map(PipelinedWrites.Load::p99Millis).toList());
    long synced = archived.stream().mapToLong(Archived::synced).sum();
    row(
        "links to the archive that broke meanwhile (" + what + ")",
        "sum over all rounds",
        Long.toString(synced),
        "0",
        synced == 0);
    double spooled = median(archived.stream().map(Archived::spooledSeconds).toList());
    double stored = median(archived.stream().map(Archived::storedSeconds).toList());
    row(
        "from the last reply until the repository has the last write (" + what + ")",
        "on the archive's disk after %.2f s".formatted(spooled),
        "%.2f s".formatted(stored),
        "≤ %.0f s".formatted(LAG_SECONDS),
        stored <= LAG_SECONDS);
    double over = median(archived.stream().map(Archived::overCompressed).toList());
    row(
        "log stored ÷ its stream, zstd -3 (" + what + ")",
        "encrypted, in segments",
        "%.2f".formatted(over),
        "≤ %.1f".formatted(STORED_RATIO),
        over <= STORED_RATIO);
  }

  private void compare(String what, String unit, List<Double> ours, List<Double> others) {
    Comparison both = new Comparison(what, "archived", "plain replica", LOAD_RATIO, ours, others);
    row(
        what,
        "%.2f %s ÷ %.2f %s".formatted(both.ourMedian(), unit, both.otherMedian(), unit),
        "%.2f".formatted(both.ratio()),
        "≤ %.1f".formatted(LOAD_RATIO),
        both.met());
  }

  private PipelinedWrites.Load withReplica(PipelinedWrites writes) throws Exception {
    try (TestServer source = TestServer.start(engine);
        TestServer replica = TestServer.builder(engine).replicaOf(source).start()) {
      PipelinedWrites.Load load = writes.run(engine, source, scale);
      if (!replica.isAlive()) {
        throw new IOException("the replica has ended: " + replica.log());
      }
      return load;
    }
  }

  private Archived withArchive(PipelinedWrites writes) throws Exception {
    begin();
    try (TestServer source = TestServer.start(engine);
        Repository repository = ringkeep.open();
        RunningCommand archive = ringkeep.start("archive", "--source", source.uri())) {
      awaitBase(repository, source, archive);
      long before = syncs(source);
      PipelinedWrites.Load load = writes.run(engine, source, scale);
      long startNanos = System.nanoTime();
      long end = offset(source);
      source.awaitReplicas(1);
      double spooled = seconds(startNanos);
      awaitStored(repository, end, archive);
      double stored = seconds(startNanos);
      archive.end();
      return new Archived(
          load, syncs(source) - before, spooled, stored, overCompressed(repository));
    }
  }

  private void begin() throws IOException, InterruptedException {
    ringkeep.forget();
    ringkeep.run("init");
  }

  /// Waits until the log has a base, so that taking it is no part of what is measured.
  private static void awaitBase(Repository repository, TestServer source, RunningCommand archive)
      throws IOException, InterruptedException {
    while (ShardHistory.of(repository, CACHE).stream()
        .flatMap(shard -> shard.windows().stream())
        .noneMatch(ShardWindow::restorable)) {
      archive.requireAlive();
      // An idle server writes nothing that the base could stand on.
      source.call("SET", "waiting", "for a base");
      Thread.sleep(LOOK_MILLIS * 10);
    }
  }

  private static void awaitStored(Repository repository, long end, RunningCommand archive)
      throws IOException, InterruptedException {
    while (stretch(repository).end() < end) {
      archive.requireAlive();
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private static Stretch stretch(Repository repository) throws IOException {
    return repository.log(CACHE, Shard.SOLE).stretches().getLast();
  }

  private static long offset(TestServer server) {
    return number(server.info("replication"), "master_repl_offset");
  }

  private static long syncs(TestServer server) {
    Map<String, String> stats = server.info("stats");
    return number(stats, "sync_full")
        + number(stats, "sync_partial_ok")
        + number(stats, "sync_partial_err");
  }

  private static long number(Map<String, String> fields, String name) {
    return Long.parseLong(fields.getOrDefault(name, "0"));
  }

  /// What the log's segments take, without those that were merged and wait to be deleted, over its
  /// bytes as one file.
  private double overCompressed(Repository repository) throws IOException {
    Stretch stretch = stretch(repository);
    Set<String> kept =
        stretch.names().stream().map(SegmentName::key).collect(Collectors.toUnmodifiableSet());
    long stored =
        repository.store().list(ShardLog.directory(CACHE)).stream()
            .filter(object -> kept.contains(object.key()))
            .mapToLong(ObjectInfo::sizeBytes)
            .sum();
    Path file = folder.resolve("stream.zst");
    try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(file), 3);
        WritableByteChannel channel = Channels.newChannel(out)) {
      StretchReader reader = repository.log(CACHE, Shard.SOLE).read(stretch, stretch.start());
      for (ByteBuffer bytes = reader.next(); bytes.hasRemaining(); bytes = reader.next()) {
        channel.write(bytes);
      }
    }
    long compressed = Files.size(file);
    Files.delete(file);
    return (double) stored / compressed;
  }

  /// What one round of replaying has shown.
  private record Replayed(
      long bytes, double replicaSeconds, double rolledSeconds, double restoreSeconds) {}

  private void replayed(int rounds) throws Exception {
    List<Replayed> all = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      all.add(replay());
      System.err.printf("replay, round %d: %s%n", round + 1, all.getLast());
    }
    double megabytes = all.getFirst().bytes() / 1e6;
    double speed =
        median(all.stream().map(one -> one.replicaSeconds() / one.rolledSeconds()).toList());
    row(
        "speed of `drill --to` over %.0f MB of log ÷ of a plain replica that catches up"
            .formatted(megabytes),
        "%.0f MB/s, the server's start included ÷ %.0f MB/s"
            .formatted(
                megabytes / median(all.stream().map(Replayed::rolledSeconds).toList()),
                megabytes / median(all.stream().map(Replayed::replicaSeconds).toList())),
        "%.2f".formatted(speed),
        "≥ %.1f".formatted(REPLAY_SPEED),
        speed >= REPLAY_SPEED);
    rows.add(
        "| `ringkeep restore --to` the end of that log, a command of its own | into an empty server | **%.2f s** | | |"
            .formatted(median(all.stream().map(Replayed::restoreSeconds).toList())));
  }

  private Replayed replay() throws Exception {
    begin();
    // All that is written waits in the source until the replica goes on.
    TestServer.Builder patient =
        TestServer.builder(engine)
            .config("client-output-buffer-limit", "replica", "0", "0", "0")
            .config("repl-timeout", "3600");
    try (TestServer source = patient.start();
        TestServer replica =
            TestServer.builder(engine).config("repl-timeout", "3600").replicaOf(source).start();
        Repository repository = ringkeep.open();
        RunningCommand archive =
            ringkeep.start("archive", "--source", source.uri(), "--from", "primary")) {
      awaitBase(repository, source, archive);
      source.awaitReplicas(1);
      replica.pause();
      long start = offset(source);
      PipelinedWrites.SET.run(engine, source, scale);
      long end = offset(source);
      awaitStored(repository, end, archive);
      archive.end();
      long startNanos = System.nanoTime();
      replica.resume();
      while (offset(replica) < end) {
        Thread.sleep(LOOK_MILLIS);
      }
      double caughtUp = seconds(startNanos);
      JsonNode drill =
          JsonMapper.shared()
              .readTree(
                  ringkeep
                      .run(
                          "drill",
                          "--to",
                          "offset:" + end,
                          "--engine",
                          engine.server().toString(),
                          "--output",
                          "json")
                      .output());
      return new Replayed(
          end - start, caughtUp, drill.get("rolledSeconds").asDouble(), restore(end));
    }
  }

  private double restore(long offset) throws IOException, InterruptedException {
    try (TestServer target = TestServer.start(engine)) {
      return ringkeep
          .run("restore", "--to", "offset:" + offset, "--target", target.uri(), "--yes")
          .seconds();
    }
  }

  private void day() throws Exception {
    begin();
    DayOfLog.Answers answers = DayOfLog.write(ringkeep, engine, scale);
    String what =
        "%d s of log at 1,000 writes/s, %d segments"
            .formatted(answers.seconds(), answers.segments());
    answer("`ringkeep status`", what, answers.status());
    answer("`ringkeep restore --to` a time in its middle, `--dry-run`", what, answers.plan());
  }

  private void answer(String command, String what, List<Double> seconds) {
    double median = median(seconds);
    row(
        command + ", a command of its own",
        what,
        "%.2f s".formatted(median),
        "≤ %.0f s".formatted(DayOfLog.MOST_SECONDS),
        median <= DayOfLog.MOST_SECONDS);
  }

  private void row(String what, String how, String result, String target, boolean well) {
    met &= well;
    rows.add(
        "| %s | %s | **%s** | %s | %s |"
            .formatted(what, how, result, target, well ? "met" : "missed"));
    System.err.println(rows.getLast());
  }

  private static double seconds(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private String markdown() {
    return "`redis-benchmark -P 32`, 50 clients, values of 100 bytes; highest resident memory of a command that ended %.0f MiB.\n\n"
            .formatted(ringkeep.peakBytes() / 1048576.0)
        + "| measured | how | result | target | |\n|---|---|---|---|---|\n"
        + String.join("\n", rows);
  }

  @Override
  public void close() throws IOException {
    ringkeep.forget();
  }
}
