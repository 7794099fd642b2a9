package io.ringkeep.bench;

import io.ringkeep.client.BackupOptions;
import io.ringkeep.client.KeyBackups;
import io.ringkeep.client.KeyOutcome;
import io.ringkeep.client.KeyPair;
import io.ringkeep.client.RestoreOptions;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.RestoreParams;

/// What key backups of an application cost, and how soon `advise` answers: `bench/client [--rounds
/// 3] [--document FILE]`
///
/// One server, values of 1 KiB. A backup and a restore are held against what they are made of on a
/// server without checksums: two `DUMP`s and two `RESTORE`s by the same library, one after the
/// other. Then ten thousand keys at once against one by one.
final class ClientSuite implements AutoCloseable {
  private static final int VALUE_BYTES = 1024;
  private static final int CALLS = 4_000;
  private static final int KEYS = 10_000;
  private static final int ADVISES = 11;
  private static final double CALL_RATIO = 1.3;
  private static final double PIPELINE_FACTOR = 10;
  private static final double ADVISE_SECONDS = 1;

  private final Path root;
  private final TestServer server = TestServer.start(Engines.redis70());
  private final KeyBackups backups = KeyBackups.connect(server.address());
  private final Jedis plain = server.client();
  private final List<String> rows = new ArrayList<>();
  private int calls;
  private boolean met = true;

  private ClientSuite(Path root) {
    this.root = root;
    Random random = new Random(42);
    for (int i = 0; i < KEYS; i++) {
      byte[] value = new byte[VALUE_BYTES];
      random.nextBytes(value);
      plain.set(("key:" + i).getBytes(StandardCharsets.US_ASCII), value);
    }
  }

  /// Measures and prints. Ends with 1 if a target is missed, so that scripts notice.
  public static void main(String[] args) throws Exception {
    int rounds = Integer.parseInt(Main.option(args, "--rounds", "3"));
    String document = Main.option(args, "--document", "");
    boolean met;
    try (ClientSuite suite = new ClientSuite(Path.of(System.getProperty("ringkeep.root", ".")))) {
      suite.run(rounds);
      if (!document.isEmpty()) {
        Figures.write(Path.of(document), "bench/client", suite.markdown());
      }
      System.out.println(suite.markdown());
      met = suite.met;
    }
    System.exit(met ? 0 : 1);
  }

  private void run(int rounds) throws Exception {
    calls();
    plainCalls();
    Comparison one =
        Comparison.of(
            "one key of 1 KiB",
            "backup and restore",
            "DUMP, RESTORE, DUMP, RESTORE",
            CALL_RATIO,
            rounds,
            this::calls,
            this::plainCalls);
    met &= one.met();
    rows.add(
        String.format(
            Locale.ROOT,
            "| `backup` and `restore` of a key of 1 KiB ÷ `DUMP`, `RESTORE`, `DUMP`, `RESTORE` | %.0f µs ÷"
                + " %.0f µs | **%.2f** | ≤ %.1f | %s |",
            one.ourMedian() / CALLS * 1e6,
            one.otherMedian() / CALLS * 1e6,
            one.ratio(),
            CALL_RATIO,
            one.met() ? "met" : "missed"));
    oneByOne();
    pipelined();
    Comparison many =
        Comparison.of(
            "10,000 keys",
            "one by one",
            "pipelined",
            PIPELINE_FACTOR,
            rounds,
            this::oneByOne,
            this::pipelined);
    boolean fast = many.ratio() >= PIPELINE_FACTOR;
    met &= fast;
    rows.add(
        String.format(
            Locale.ROOT,
            "| 10,000 keys backed up and restored, one by one ÷ pipelined | %.2f s ÷ %.3f s | **%.1f** | ≥"
                + " %.0f | %s |",
            many.ourMedian(),
            many.otherMedian(),
            many.ratio(),
            PIPELINE_FACTOR,
            fast ? "met" : "missed"));
    advise();
  }

  /// Seconds of [#CALLS] backups and restores, each backup at a name of its own.
  private double calls() {
    int begin = calls;
    calls += CALLS;
    long start = System.nanoTime();
    for (int i = begin; i < calls; i++) {
      backups.backup("key:1", "saved:" + i);
      backups.restore("saved:" + i, "key:1");
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    plain.eval(
        "for i = ARGV[1], ARGV[2] do redis.call('DEL', 'saved:' .. i) end",
        0,
        Integer.toString(begin),
        Integer.toString(calls));
    plain.del("ringkeep:backups:key:1");
    return seconds;
  }

  private double plainCalls() {
    int begin = calls;
    calls += CALLS;
    RestoreParams replace = RestoreParams.restoreParams().replace();
    byte[] key = "key:1".getBytes(StandardCharsets.US_ASCII);
    long start = System.nanoTime();
    for (int i = begin; i < calls; i++) {
      byte[] saved = ("saved:" + i).getBytes(StandardCharsets.US_ASCII);
      plain.restore(saved, 0, plain.dump(key));
      plain.restore(key, 0, plain.dump(saved), replace);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    plain.eval(
        "for i = ARGV[1], ARGV[2] do redis.call('DEL', 'saved:' .. i) end",
        0,
        Integer.toString(begin),
        Integer.toString(calls));
    return seconds;
  }

  private static List<KeyPair> pairs() {
    List<KeyPair> pairs = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      pairs.add(KeyPair.of("key:" + i, "saved:key:" + i));
    }
    return pairs;
  }

  private double oneByOne() {
    return emptied(() -> {
      for (int i = 0; i < KEYS; i++) {
        backups.backup("key:" + i, "saved:key:" + i);
      }
      for (int i = 0; i < KEYS; i++) {
        backups.restore("saved:key:" + i, "key:" + i);
      }
    });
  }

  private double pipelined() {
    List<KeyPair> pairs = pairs();
    return emptied(() -> {
      requireDone(backups.backupAll(pairs, BackupOptions.DEFAULT));
      requireDone(backups.restoreAll(pairs, RestoreOptions.DEFAULT));
    });
  }

  private static void requireDone(List<KeyOutcome> outcomes) {
    outcomes.forEach(outcome ->
        outcome
            .failure()
            .ifPresent(failure -> {
              throw failure;
            }));
  }

  /// Seconds of some work, without backups beforehand.
  private double emptied(Runnable work) {
    for (int i = 0; i < KEYS; i++) {
      plain.del("saved:key:" + i, "ringkeep:backups:key:" + i);
    }
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  /// The packaged command on the figures of an example, as somebody calls it.
  private void advise() throws Exception {
    double[] seconds = new double[ADVISES];
    for (int i = 0; i < ADVISES; i++) {
      seconds[i] =
          ProcessRun.of(
                  List.of(
                      root.resolve("ringkeep").toString(),
                      "advise",
                      "@" + root.resolve("examples/advise/orders-six-shards.args")),
                  Path.of("/dev/null"),
                  Map.of())
              .seconds();
    }
    Arrays.sort(seconds);
    double median = seconds[ADVISES / 2];
    boolean fast = median <= ADVISE_SECONDS;
    met &= fast;
    rows.add(
        String.format(
            Locale.ROOT,
            "| `ringkeep advise` without `--measure`, a command of its own | median of %d, from %.2f to %.2f"
                + " s | **%.2f s** | ≤ %.0f s | %s |",
            ADVISES,
            seconds[0],
            seconds[ADVISES - 1],
            median,
            ADVISE_SECONDS,
            fast ? "met" : "missed"));
  }

  private String markdown() {
    return "| measured | how | result | target | |\n|---|---|---|---|---|\n"
        + String.join("\n", rows);
  }

  @Override
  public void close() {
    plain.close();
    backups.close();
    server.close();
  }
}
