package io.ringkeep.bench;

import io.ringkeep.lookup.KeyLookup;
import io.ringkeep.lookup.KeyName;
import io.ringkeep.lookup.Which;
import io.ringkeep.repository.Repository;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// What it takes to see one key, and to restore from many incrementals: `bench/lookup [--scale 1.0]
/// [--rounds 3] [--document FILE]`
///
/// A full backup and ten incrementals of 1 % each. Then random keys of the newest and of the first
/// snapshot, each as a command of its own, and in a process that goes on; and the tenth incremental
/// restored beside a full backup of the same data.
final class LookupSuite implements AutoCloseable {
  private static final int INCREMENTALS = 10;
  private static final int COMMANDS = 21;
  private static final int WARM_UP = 200;
  private static final int LOOK_UPS = 500;
  private static final double COMMAND_SECONDS = 0.5;
  private static final double PROCESS_SECONDS = 0.010;
  private static final double RESTORE_RATIO = 1.2;

  private final Engine engine = Engines.redis70();
  private final Workload workload = Workload.JSON;
  private final Random random = new Random(42);
  private final long keys;
  private final PackagedCommand ringkeep;
  private final TestServer source;
  private final List<String> rows = new ArrayList<>();
  private boolean met = true;

  private LookupSuite(double scale, Path root, Path folder) throws IOException {
    this.keys = Math.round(workload.keys() * scale);
    this.ringkeep = new PackagedCommand(root, folder);
    this.source = TestServer.start(engine);
    workload.writeAll(source.port(), keys);
  }

  /// Measures and prints. Ends with 1 if a target is missed, so that scripts notice.
  public static void main(String[] args) throws Exception {
    double scale = Double.parseDouble(Main.option(args, "--scale", "1.0"));
    int rounds = Integer.parseInt(Main.option(args, "--rounds", "3"));
    String document = Main.option(args, "--document", "");
    Path work = Files.createTempDirectory("ringkeep-bench");
    boolean met;
    try (LookupSuite suite =
        new LookupSuite(scale, Path.of(System.getProperty("ringkeep.root", ".")), work)) {
      suite.run(rounds);
      if (!document.isEmpty()) {
        Figures.write(Path.of(document), "bench/lookup", suite.markdown());
      }
      System.out.println(suite.markdown());
      met = suite.met;
    } finally {
      Suite.deleteTree(work);
    }
    System.exit(met ? 0 : 1);
  }

  private void run(int rounds) throws Exception {
    ringkeep.run("init");
    ringkeep.run("backup", "--source", source.uri());
    for (int i = 0; i < INCREMENTALS; i++) {
      try (CommandFeed feed = CommandFeed.to(source.port())) {
        for (long key = 0; key < keys / 100; key++) {
          workload.write(feed, random.nextLong(keys), random);
        }
      }
      ringkeep.run("backup", "--source", source.uri());
    }
    List<Double> newest = new ArrayList<>();
    for (int i = 0; i < COMMANDS; i++) {
      newest.add(ringkeep.run("get", key(), "--output", "json").seconds());
    }
    row("`ringkeep get KEY`, the newest snapshot, a command of its own", newest, COMMAND_SECONDS);
    inProcess();
    ringkeep.run("backup", "--source", source.uri(), "--cache", "whole", "--full");
    Comparison restore =
        Comparison.of(
            "restoring the tenth incremental",
            "tenth incremental",
            "a full backup of the same data",
            RESTORE_RATIO,
            rounds,
            () -> restore("default"),
            () -> restore("whole"));
    met &= restore.met();
    rows.add(
        String.format(
            Locale.ROOT,
            "| `ringkeep restore` of the tenth incremental ÷ of a full backup of the same data | %.2f s ÷"
                + " %.2f s | **%.2f** | ≤ %.1f | %s |",
            restore.ourMedian(),
            restore.otherMedian(),
            restore.ratio(),
            RESTORE_RATIO,
            restore.met() ? "met" : "missed"));
  }

  /// The same in one process that has the repository open.
  private void inProcess() throws IOException {
    try (Repository repository = ringkeep.open()) {
      List<Double> seconds = new ArrayList<>();
      for (int i = 0; i < WARM_UP + LOOK_UPS; i++) {
        KeyName key = new KeyName(0, ByteBuffer.wrap(key().getBytes(StandardCharsets.UTF_8)));
        long start = System.nanoTime();
        int bytes =
            KeyLookup.get(
                repository,
                "default",
                new Which.Named("latest"),
                key,
                found -> found.record().value().remaining());
        double taken = (System.nanoTime() - start) / 1e9;
        if (bytes == 0) {
          throw new IllegalStateException("no value: " + key);
        }
        if (i >= WARM_UP) {
          seconds.add(taken);
        }
      }
      row("the same in a process that has the repository open", seconds, PROCESS_SECONDS);
    }
  }

  private void row(String what, List<Double> seconds, double target) {
    double[] sorted = seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    double median = sorted[sorted.length / 2];
    met &= median <= target;
    rows.add(
        String.format(
            Locale.ROOT,
            "| %s | median of %d, from %.1f to %.1f ms | **%.1f ms** | ≤ %.0f ms | %s |",
            what,
            sorted.length,
            sorted[0] * 1e3,
            Arrays.stream(sorted).max().orElseThrow() * 1e3,
            median * 1e3,
            target * 1e3,
            median <= target ? "met" : "missed"));
    System.err.println(rows.getLast());
  }

  private double restore(String cache) throws IOException, InterruptedException {
    try (TestServer target = TestServer.start(engine)) {
      return ringkeep.run("restore", "--cache", cache, "--target", target.uri(), "--yes").seconds();
    }
  }

  private String key() {
    return "user:%010d".formatted(random.nextLong(keys));
  }

  private String markdown() {
    return "%s, a full backup and ten incrementals of 1 %%:\n\n"
            .formatted(workload.description(keys))
        + "| measured | how | result | target | |\n|---|---|---|---|---|\n"
        + String.join("\n", rows);
  }

  @Override
  public void close() {
    source.close();
  }
}
