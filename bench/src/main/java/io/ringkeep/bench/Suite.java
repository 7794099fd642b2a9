package io.ringkeep.bench;

import com.github.luben.zstd.ZstdOutputStream;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// All measurements of one workload: backup, restore by replication, restore by `RESTORE`.
final class Suite implements AutoCloseable {
  private static final Path NOTHING = Path.of("/dev/null");
  private static final Pattern LOADED = Pattern.compile("DB loaded from disk: ([0-9.]+) seconds");

  private final String description;
  private final int rounds;
  private final Engine engine;
  private final Path folder;
  private final PackagedCommand ringkeep;
  private final Report report;
  private final TestServer source;

  Suite(
      Workload workload,
      double scale,
      int rounds,
      Engine engine,
      Path root,
      Path work,
      Report report)
      throws IOException {
    this.rounds = rounds;
    this.engine = engine;
    this.folder = Files.createDirectory(work.resolve(workload.name()));
    this.ringkeep = new PackagedCommand(root, folder);
    this.report = report;
    long keys = Math.round(workload.keys() * scale);
    this.description = workload.description(keys);
    this.source = TestServer.start(engine);
    workload.writeAll(source.port(), keys);
  }

  void run() throws Exception {
    Path rdb = folder.resolve("reference.rdb");
    report.add(
        Comparison.of(
            "full backup of " + description,
            "ringkeep backup, encrypted, compressed, fingerprinted",
            "redis-cli --rdb",
            1.1,
            rounds,
            this::backup,
            () -> redisCliRdb(rdb)));
    reportSizes(rdb);
    source.text("SAVE");
    report.add(
        Comparison.of(
            "restore by replication of " + description,
            "first byte sent to acknowledged load",
            "the server's own load at start",
            1.2,
            rounds,
            this::restoreByReplication,
            this::ownLoad));
    restoreIntoCluster();
    report.add(
        description,
        new Report.Size(
            "our highest resident memory", ringkeep.peakBytes(), "heap at most 512 MiB"));
  }

  private double backup() throws IOException, InterruptedException {
    deleteTree(ringkeep.repository());
    ringkeep.run("init");
    return ringkeep.run("backup", "--source", source.uri()).seconds();
  }

  private double redisCliRdb(Path rdb) throws IOException, InterruptedException {
    Files.deleteIfExists(rdb);
    return ProcessRun.of(
            List.of(cli(), "-p", Integer.toString(source.port()), "--rdb", rdb.toString()),
            NOTHING,
            Map.of())
        .seconds();
  }

  private void reportSizes(Path rdb) throws IOException {
    long stored = treeSize(ringkeep.repository());
    Path compressed = folder.resolve("reference.zst");
    try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(compressed), 3)) {
      Files.copy(rdb, out);
    }
    report.add(description, new Report.Size("the RDB file", size(rdb), ""));
    report.add(description, new Report.Size("the RDB file, zstd -3", size(compressed), ""));
    report.add(
        description,
        new Report.Size(
            "the repository",
            stored,
            "%.2f × the RDB file's zstd -3".formatted((double) stored / size(compressed))));
    Files.delete(compressed);
    Files.delete(rdb);
  }

  private double ownLoad() throws IOException {
    try (TestServer target = TestServer.start(engine)) {
      target.stop();
      Files.copy(
          source.directory().resolve("dump.rdb"),
          target.directory().resolve("dump.rdb"),
          StandardCopyOption.REPLACE_EXISTING);
      target.start();
      Matcher loaded = LOADED.matcher(target.log());
      double seconds = -1;
      while (loaded.find()) {
        seconds = Double.parseDouble(loaded.group(1));
      }
      return seconds;
    }
  }

  private double restoreByReplication() throws IOException, InterruptedException {
    try (TestServer target = TestServer.start(engine)) {
      return loadSeconds(restore(target.uri(), "replication"));
    }
  }

  private void restoreIntoCluster() throws Exception {
    List<Path> commands;
    try (Jedis jedis = source.client()) {
      commands = RestoreCommands.prepare(jedis, 3, folder);
    }
    try (TestCluster cluster = TestCluster.start(engine, 3)) {
      report.add(
          Comparison.of(
              "restore into three primaries of " + description,
              "first record sent to last reply",
              "redis-cli --pipe to each, same records",
              1.2,
              rounds,
              () -> {
                flush(cluster);
                return loadSeconds(restore(cluster.uri(), "restore"));
              },
              () -> {
                flush(cluster);
                return pipe(cluster, commands);
              }));
    }
    for (Path file : commands) {
      Files.delete(file);
    }
  }

  private double pipe(TestCluster cluster, List<Path> commands) throws Exception {
    long start = System.nanoTime();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<ProcessRun>> runs = new ArrayList<>();
      for (int i = 0; i < commands.size(); i++) {
        String port = Integer.toString(cluster.primaries().get(i).port());
        Path file = commands.get(i);
        runs.add(
            executor.submit(
                () -> ProcessRun.of(List.of(cli(), "-p", port, "--pipe"), file, Map.of())));
      }
      for (Future<ProcessRun> run : runs) {
        run.get();
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static void flush(TestCluster cluster) {
    cluster.primaries().forEach(server -> server.text("FLUSHALL", "SYNC"));
  }

  private JsonNode restore(String uri, String loader) throws IOException, InterruptedException {
    ProcessRun run =
        ringkeep.run("restore", "--target", uri, "--loader", loader, "--yes", "--output", "json");
    return JsonMapper.shared().readTree(run.output());
  }

  private static double loadSeconds(JsonNode result) {
    return result.get("loadSeconds").asDouble();
  }

  private String cli() {
    return engine.tool("cli").orElseThrow().toString();
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What all files below a folder hold.
  static long treeSize(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(Suite::size).sum();
    }
  }

  static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Override
  public void close() throws IOException {
    source.close();
    deleteTree(folder);
  }
}
