package io.ringkeep.bench;

import com.google.errorprone.annotations.FormatMethod;
import io.ringkeep.nodes.NodeCare;
import io.ringkeep.nodes.NodeCensus;
import io.ringkeep.nodes.NodeChange;
import io.ringkeep.nodes.NodeFindings;
import io.ringkeep.nodes.NodeSet;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.ObjectWriter;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.file.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What storage nodes cost, side by side in one run: writing to six folders against writing to one
/// and then the extra bytes; reading with two of the six gone; a seventh that joins.
///
/// What is written are sealed objects of 16 MiB, by two threads, as a backup does behind sorting
/// and compressing: the part of it that many nodes change.
public final class NodesBenchmark {
  private static final int OBJECT_BYTES = 16 << 20;
  private static final int THREADS = 2;
  private static final Passphrase PASSPHRASE = Passphrase.of("bench");

  private static final int SMALL_OBJECTS = 1_200;
  private static final int SMALL_BYTES = 64 << 10;

  private final Map<String, List<Double>> figures = new LinkedHashMap<>();
  private final Map<String, Double> targets = new LinkedHashMap<>();
  private final Path root;
  private final int objects;
  private final ByteBuffer content = ByteBuffer.allocateDirect(OBJECT_BYTES);

  private NodesBenchmark(Path root, int objects) {
    this.root = root;
    this.objects = objects;
    byte[] random = new byte[OBJECT_BYTES];
    new Random(7).nextBytes(random);
    content.put(random).flip();
  }

  /// Measures.
  public static void main(String[] arguments) throws Exception {
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      options.put(arguments[i], arguments[i + 1]);
    }
    int mebibytes = Integer.parseInt(options.getOrDefault("--mebibytes", "512"));
    int rounds = Integer.parseInt(options.getOrDefault("--rounds", "3"));
    Path parent = Path.of(options.getOrDefault("--folder", System.getProperty("java.io.tmpdir")));
    Path root = Files.createTempDirectory(parent, "ringkeep-nodes");
    try {
      NodesBenchmark bench = new NodesBenchmark(root, mebibytes / 16);
      bench.round(-1); // Not counted: the JVM compiles.
      bench.figures.clear();
      for (int round = 0; round < rounds; round++) {
        bench.round(round);
      }
      String table = bench.markdown();
      System.out.print(table);
      String document = options.getOrDefault("--document", "");
      if (!document.isEmpty()) {
        Figures.write(Path.of(document), "bench/nodes", table);
      }
    } finally {
      delete(root);
    }
  }

  private void round(int round) throws Exception {
    double one = seconds(() -> writeAll(new FileStore(root.resolve("one"))));
    delete(root.resolve("one"));
    say(
        "%s: one folder %.2f s for %d MiB",
        round < 0 ? "warm-up" : "round " + (round + 1), one, objects * 16);
    for (String strategy : List.of("copy:3", "erasure:4+2")) {
      Strategy parsed = Strategy.parse(strategy);
      double factor = (double) parsed.width() / parsed.dataPieces();
      long extraBytes = (long) ((factor - 1) * objects * OBJECT_BYTES);
      double extra = seconds(() -> writeExtra(extraBytes));
      PlacedStore created = create(strategy);
      double write = seconds(() -> writeAll(created));
      double healthy = seconds(this::readAll);
      healthy = Math.min(healthy, seconds(this::readAll));
      delete(node("b"));
      delete(node("e"));
      double degraded = seconds(this::readAll);
      degraded = Math.min(degraded, seconds(this::readAll));
      figure(
          strategy + ": written, over one folder and the extra bytes", 1.3, write / (one + extra));
      figure(strategy + ": read with two of six nodes gone, over healthy", 1.5, degraded / healthy);
      say(
          "  %-11s write %.2f s, bound %.2f + %.2f s: %.2f ×; read %.2f s, two gone %.2f s: %.2f ×",
          strategy,
          write,
          one,
          extra,
          write / (one + extra),
          healthy,
          degraded,
          degraded / healthy);
      for (String id : ids()) {
        delete(node(id));
      }
    }
    join();
  }

  private void figure(String what, double target, double value) {
    targets.put(what, target);
    figures.computeIfAbsent(what, _ -> new ArrayList<>()).add(value);
  }

  private String markdown() {
    StringBuilder table =
        new StringBuilder("| measured | median | each run | target | |\n|---|---|---|---|---|\n");
    figures.forEach((what, values) -> {
      List<Double> sorted = values.stream().sorted().toList();
      double median = sorted.get(sorted.size() / 2);
      double target = targets.getOrDefault(what, 0.0);
      table.append(
          String.format(
              Locale.ROOT,
              "| %s | **%.3f** | %s | ≤ %s | %s |\n",
              what,
              median,
              values.stream()
                  .map(value -> String.format(Locale.ROOT, "%.3f", value))
                  .collect(Collectors.joining(" ")),
              target,
              median <= target ? "met" : "missed"));
    });
    return table.toString();
  }

  /// A seventh node joins six that hold small objects.
  private void join() throws Exception {
    try (PlacedStore store = create("erasure:4+2")) {
      for (int i = 0; i < SMALL_OBJECTS; i++) {
        String name = "caches/bench/run/%05d%s.data".formatted(i, store.placeMark(0));
        store.createIfAbsent(name, content.slice(0, SMALL_BYTES));
      }
    }
    Map<String, ObjectStore> stores = stores();
    try (PlacedStore store = NodeSet.open(stores);
        NodeChange change =
            NodeChange.of(store).add(StorageNode.of("g"), new FileStore(node("g")))) {
      change.apply(Clock.systemUTC());
    }
    Map<String, ObjectStore> seven = stores();
    seven.put("g", new FileStore(node("g")));
    try (PlacedStore store = NodeSet.open(seven)) {
      long bytes = shares(store, 6);
      NodeFindings findings = NodeCare.run(store, NodeCare.Options.rebalance(), Clock.systemUTC());
      say(
          "  seventh node: moved %,d of %,d bytes, %.3f × of the seventh part",
          findings.movedBytes(), bytes, findings.movedBytes() * 7.0 / bytes);
      figure(
          "a seventh node: bytes moved, over a seventh of all",
          1.05,
          findings.movedBytes() * 7.0 / bytes);
      shares(store, 7);
    }
    for (String id : ids()) {
      delete(node(id));
    }
    delete(node("g"));
  }

  /// How far the node that is furthest off is from the mean.
  ///
  /// @return bytes on all nodes
  private long shares(PlacedStore store, int nodes) throws IOException {
    List<Long> each =
        NodeCensus.take(store).nodes().values().stream()
            .map(NodeCensus.Use::pieceBytes)
            .filter(bytes -> bytes > 0)
            .toList();
    if (each.size() != nodes) {
      throw new IOException("pieces are on %d of %d nodes".formatted(each.size(), nodes));
    }
    long sum = each.stream().mapToLong(Long::longValue).sum();
    double mean = sum / (double) nodes;
    figure(
        "%,d objects on %d nodes: the furthest share from its own".formatted(SMALL_OBJECTS, nodes),
        0.05,
        each.stream().mapToDouble(bytes -> Math.abs(bytes - mean) / mean).max().orElseThrow());
    return sum;
  }

  private PlacedStore create(String strategy) throws IOException {
    List<NodeSet.Place> places = new ArrayList<>();
    for (String id : ids()) {
      places.add(new NodeSet.Place(StorageNode.of(id), new FileStore(node(id))));
    }
    return NodeSet.create(places, Strategy.parse(strategy), Clock.systemUTC());
  }

  private Map<String, ObjectStore> stores() {
    Map<String, ObjectStore> stores = new LinkedHashMap<>();
    ids().forEach(id -> stores.put(id, new FileStore(node(id))));
    return stores;
  }

  private static List<String> ids() {
    return List.of("a", "b", "c", "d", "e", "f");
  }

  private Path node(String id) {
    return root.resolve("node-" + id);
  }

  private Void writeAll(ObjectStore store) throws Exception {
    try (Repository repository =
        Repository.init(
            store,
            new InitOptions(Encryption.AES_256_GCM, 10),
            Optional.of(PASSPHRASE),
            Clock.systemUTC())) {
      inThreads(number -> {
        String name =
            "caches/bench/run/%05d%s.data".formatted(number, repository.objects().placeMark(0));
        try (ObjectWriter writer = repository.objects().create(name, ObjectKind.RUN_DATA)) {
          writer.write(content.duplicate());
          writer.commit();
        }
      });
    }
    return null;
  }

  private Void readAll() throws Exception {
    try (Repository repository =
        Repository.open(NodeSet.open(stores()), Optional.of(PASSPHRASE), Clock.systemUTC())) {
      List<String> names =
          repository.store().list("caches/bench/run/").stream().map(o -> o.key()).toList();
      inThreads(number ->
          repository
              .objects()
              .open(names.get(number), ObjectKind.RUN_DATA)
              .readAll(part -> part.position(part.limit())));
    }
    return null;
  }

  private interface Work {
    void on(int number) throws Exception;
  }

  private void inThreads(Work work) throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < objects; i++) {
        int number = i;
        all.add(
            executor.submit(() -> {
              work.on(number);
              return null;
            }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  private Void writeExtra(long bytes) throws IOException {
    Path file = root.resolve("extra");
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (long left = bytes; left > 0; left -= OBJECT_BYTES) {
        ByteBuffer part = content.duplicate().limit((int) Math.min(left, OBJECT_BYTES));
        while (part.hasRemaining()) {
          out.write(part);
        }
      }
      out.force(/* metaData= */ true);
    }
    Files.delete(file);
    return null;
  }

  private static double seconds(Callable<Void> work) throws Exception {
    long start = System.nanoTime();
    work.call();
    return (System.nanoTime() - start) / 1e9;
  }

  @FormatMethod
  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
