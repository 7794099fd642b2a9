package io.ringkeep.bench;

import com.github.luben.zstd.ZstdOutputStream;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/// What a backup adds to the repository after so many keys have changed, beside what restic and
/// borg add for the RDB file: `bench/incremental [--scale 1.0] [--rounds 3] [--document FILE]`
///
/// The two are measured if they are on the PATH, with their default settings.
final class IncrementalSuite implements AutoCloseable {
  private static final Path NOTHING = Path.of("/dev/null");
  private static final long SMALL_CHANGE_BYTES = 256 * 1024;
  private static final double MOST_BESIDE_RECORDS = 1.2;
  private static final double LEAST_AGAINST_OTHERS = 60;
  private static final double TIME_TARGET = 0.9;

  private final Engine engine = Engines.redis70();
  private final Workload workload = Workload.JSON;
  private final long keys;
  private final Path folder;
  private final PackagedCommand ringkeep;
  private final TestServer source;
  private final List<String> rows = new ArrayList<>();
  private boolean met = true;

  /// Something else that keeps versions of a file.
  private record Other(String name, List<String> init, List<String> add, Map<String, String> env) {}

  private final List<Other> others = new ArrayList<>();

  private IncrementalSuite(double scale, Path root, Path folder) throws IOException {
    this.keys = Math.round(workload.keys() * scale);
    this.folder = folder;
    this.ringkeep = new PackagedCommand(root, folder);
    this.source = TestServer.start(engine);
    workload.writeAll(source.port(), keys);
    if (onPath("restic")) {
      String place = folder.resolve("restic").toString();
      others.add(
          new Other(
              "restic",
              List.of("restic", "-q", "-r", place, "init"),
              List.of("restic", "-q", "-r", place, "backup", rdb().toString()),
              Map.of("RESTIC_PASSWORD", PackagedCommand.PASSPHRASE)));
    }
    if (onPath("borg")) {
      String place = folder.resolve("borg").toString();
      others.add(
          new Other(
              "borg",
              List.of("borg", "init", "-e", "repokey", place),
              List.of("borg", "create", place + "::{now:%H%M%S%f}", rdb().toString()),
              Map.of("BORG_PASSPHRASE", PackagedCommand.PASSPHRASE)));
    }
  }

  /// Measures and prints. Ends with 1 if a target is missed, so that scripts notice.
  public static void main(String[] args) throws Exception {
    double scale = Double.parseDouble(Main.option(args, "--scale", "1.0"));
    int rounds = Integer.parseInt(Main.option(args, "--rounds", "3"));
    String document = Main.option(args, "--document", "");
    Path root = Path.of(System.getProperty("ringkeep.root", "."));
    Path work = Files.createTempDirectory("ringkeep-bench");
    boolean met;
    try (IncrementalSuite suite = new IncrementalSuite(scale, root, work)) {
      String markdown = suite.run(rounds);
      if (!document.isEmpty()) {
        Figures.write(Path.of(document), "bench/incremental", markdown);
      }
      System.out.println(markdown);
      met = suite.met;
    } finally {
      Suite.deleteTree(work);
    }
    System.exit(met ? 0 : 1);
  }

  /// @return what was found, as Markdown
  private String run(int rounds) throws Exception {
    ringkeep.run("init");
    ringkeep.run("backup", "--source", source.uri());
    for (Other other : others) {
      ProcessRun.of(other.init, NOTHING, other.env);
    }
    writeRdb();
    for (Other other : others) {
      ProcessRun.of(other.add, NOTHING, other.env);
    }
    measure("none", 0);
    source.text("SAVE");
    source.stop();
    source.start();
    measure("none, server restarted", 0);
    measure("1 %", 0.01);
    measure("10 %", 0.1);
    Comparison time =
        Comparison.of(
            "backup after 1 %% of %,d keys changed".formatted(keys),
            "ringkeep backup",
            "ringkeep backup --full",
            TIME_TARGET,
            rounds,
            () -> {
              change(0.01);
              return backup();
            },
            () -> backup("--full"));
    met &= time.met();
    String table =
        String.format(
            Locale.ROOT,
            "%s:%n%n| keys changed | changed records alone, zstd -3, MiB | ringkeep adds, MiB | ÷ records"
                + " alone, target ≤ 1.2 after 256 KiB |%s%n|---|---|---|---|%s%n%s%n",
            workload.description(keys),
            String.join(
                "", others.stream().map(other -> " " + other.name + " adds, MiB |").toList()),
            "---|".repeat(others.size()),
            String.join("\n", rows));
    return table
        + String.format(
            Locale.ROOT,
            "%n%s: %.2f s, full %.2f s, ratio **%.2f** (target ≤ %.1f, %s). Highest resident memory"
                + " %.0f MiB, heap at most 512 MiB.%n",
            time.name(),
            time.ourMedian(),
            time.otherMedian(),
            time.ratio(),
            TIME_TARGET,
            time.met() ? "met" : "missed",
            mebibytes(ringkeep.peakBytes()))
        + (others.size() < 2 ? "\nSkipped: restic or borg is not on the PATH.\n" : "");
  }

  /// Changes a share of the keys, then lets everybody back up.
  private void measure(String what, double share) throws Exception {
    long alone = change(share);
    long before = Suite.treeSize(ringkeep.repository());
    backup();
    long added = Suite.treeSize(ringkeep.repository()) - before;
    double ratio = alone == 0 ? 0 : Math.max(0, added - SMALL_CHANGE_BYTES) / (double) alone;
    met &= alone == 0 ? added <= SMALL_CHANGE_BYTES : ratio <= MOST_BESIDE_RECORDS;
    writeRdb();
    StringBuilder row = new StringBuilder();
    row.append(
        String.format(
            Locale.ROOT,
            "| %s | %.3f | %.3f | %s |",
            what,
            mebibytes(alone),
            mebibytes(added),
            alone == 0 ? "-" : "%.2f".formatted(ratio)));
    for (Other other : others) {
      Path place = folder.resolve(other.name);
      long otherBefore = Suite.treeSize(place);
      ProcessRun.of(other.add, NOTHING, other.env);
      long otherAdded = Suite.treeSize(place) - otherBefore;
      double times = otherAdded / (double) added;
      row.append(String.format(Locale.ROOT, " %.1f (%.0f ×) |", mebibytes(otherAdded), times));
      if (share == 0.01) {
        met &= times >= LEAST_AGAINST_OTHERS;
      }
    }
    rows.add(row.toString());
    System.err.println(row);
  }

  /// Gives a share of the keys other values, evenly spread.
  ///
  /// @return what these keys take as an RDB file of their own, compressed
  private long change(double share) throws Exception {
    long count = Math.round(keys * share);
    if (count == 0) {
      return 0;
    }
    long seed = System.nanoTime();
    try (TestServer alone = TestServer.start(engine)) {
      for (TestServer server : List.of(source, alone)) {
        Random random = new Random(seed);
        try (CommandFeed feed = CommandFeed.to(server.port())) {
          for (long i = 0; i < count; i++) {
            workload.write(feed, i * keys / count, random);
          }
        }
      }
      Path file = folder.resolve("alone.rdb");
      writeRdb(alone, file);
      Path compressed = folder.resolve("alone.zst");
      try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(compressed), 3)) {
        Files.copy(file, out);
      }
      return Files.size(compressed);
    }
  }

  private double backup(String... options) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("backup", "--source", source.uri()));
    arguments.addAll(List.of(options));
    return ringkeep.run(arguments.toArray(String[]::new)).seconds();
  }

  private void writeRdb() throws IOException, InterruptedException {
    writeRdb(source, rdb());
  }

  private void writeRdb(TestServer server, Path file) throws IOException, InterruptedException {
    ProcessRun.of(
        List.of(
            engine.tool("cli").orElseThrow().toString(),
            "-p",
            Integer.toString(server.port()),
            "--rdb",
            file.toString()),
        NOTHING,
        Map.of());
  }

  private static boolean onPath(String program) {
    return Stream.of(
            Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private Path rdb() {
    return folder.resolve("dump.rdb");
  }

  private static double mebibytes(long bytes) {
    return bytes / 1048576.0;
  }

  @Override
  public void close() {
    source.close();
  }
}
