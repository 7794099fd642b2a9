package io.ringkeep.bench;

import io.ringkeep.testkit.Engines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// `bench/run [--workloads json,mix,large] [--scale 1.0] [--rounds 3] [--json FILE] [--document
/// FILE]`
public final class Main {
  private Main() {}

  /// Measures and reports. Ends with 1 if a ratio misses its target, so that scripts notice.
  public static void main(String[] args) throws Exception {
    List<Workload> workloads =
        Stream.of(option(args, "--workloads", "json,mix,large").split(","))
            .map(name -> Workload.valueOf(name.toUpperCase(Locale.ROOT)))
            .toList();
    double scale = Double.parseDouble(option(args, "--scale", "1.0"));
    int rounds = Integer.parseInt(option(args, "--rounds", "3"));
    Path root = Path.of(System.getProperty("ringkeep.root", "."));
    Path work = Files.createTempDirectory("ringkeep-bench");
    Report report = new Report();
    try {
      for (Workload workload : workloads) {
        try (Suite suite =
            new Suite(workload, scale, rounds, Engines.redis70(), root, work, report)) {
          suite.run();
        }
      }
    } finally {
      Suite.deleteTree(work);
    }
    report.writeJson(Path.of(option(args, "--json", "bench/target/report.json")));
    String document = option(args, "--document", "");
    if (!document.isEmpty()) {
      report.writeInto(Path.of(document));
    }
    System.out.println(report.markdown());
  }

  static String option(String[] args, String name, String otherwise) {
    int at = Arrays.asList(args).indexOf(name);
    if (at < 0) {
      return otherwise;
    }
    if (at + 1 == args.length) {
      throw new IllegalArgumentException(name + " needs a value");
    }
    return args[at + 1];
  }
}
