package io.ringkeep.bench;

import io.ringkeep.bench.AdvisedData.Cache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What `advise --measure` predicts, beside what then happens: `bench/advise [--scale 1.0]
/// [--rounds 3] [--pace FACTOR] [--document FILE]`
///
/// Each dataset is written, advice is asked for, then the first backup into one folder and a
/// restore onto empty servers of the same number are run. The folder's own speed is measured, so
/// these are predictions for local storage; so is the pace, unless one is given.
final class AdviseSuite {
  private static final double TIME_MARGIN = 0.25;
  private static final double MOST_SECONDS = 1;

  private final double scale;
  private final String pace;
  private final PackagedCommand ringkeep;
  private final List<String> rows = new ArrayList<>();
  private final List<Double> answerSeconds = new ArrayList<>();
  private final List<Double> measureSeconds = new ArrayList<>();
  private final List<String> paces = new ArrayList<>();
  private boolean met = true;

  /// What was predicted, or happened, in one round.
  private record Values(
      double backupSeconds, double restoreSeconds, double storedBytes, double pace) {}

  private AdviseSuite(double scale, String pace, PackagedCommand ringkeep) {
    this.scale = scale;
    this.pace = pace;
    this.ringkeep = ringkeep;
  }

  /// Measures and prints. Ends with 1 if a prediction of time is off by more than it says, or
  /// `advise` takes too long, so that scripts notice.
  public static void main(String[] args) throws Exception {
    double scale = Double.parseDouble(Main.option(args, "--scale", "1.0"));
    int rounds = Integer.parseInt(Main.option(args, "--rounds", "3"));
    String document = Main.option(args, "--document", "");
    Path root = Path.of(System.getProperty("ringkeep.root", "."));
    Path work = Files.createTempDirectory("ringkeep-bench");
    AdviseSuite suite =
        new AdviseSuite(scale, Main.option(args, "--pace", ""), new PackagedCommand(root, work));
    try {
      for (AdvisedData data : AdvisedData.values()) {
        suite.measure(data, rounds);
      }
    } finally {
      Suite.deleteTree(work);
    }
    String markdown = suite.markdown();
    if (!document.isEmpty()) {
      Figures.write(Path.of(document), "bench/advise", markdown);
    }
    System.out.println(markdown);
    System.exit(suite.met ? 0 : 1);
  }

  private void measure(AdvisedData data, int rounds) throws Exception {
    long keys = Math.max(1, Math.round(data.keys() * scale));
    List<Values> predicted = new ArrayList<>();
    List<Values> happened = new ArrayList<>();
    try (Cache source = data.start()) {
      data.writeAll(source, keys);
      for (int round = 0; round < rounds; round++) {
        ringkeep.forget();
        ringkeep.run("init");
        predicted.add(ask(source));
        happened.add(run(source, data));
        System.err.println(data + ": predicted " + predicted.getLast());
        System.err.println(data + ": happened " + happened.getLast());
      }
    }
    String what = data.description(keys);
    row(what + ": first backup, s", times(predicted, true), times(happened, true), true);
    row("restore, read back, s", times(predicted, false), times(happened, false), true);
    double mebibyte = 1 << 20;
    row(
        "stored by the backup, MiB",
        median(predicted.stream().mapToDouble(one -> one.storedBytes() / mebibyte).toArray()),
        median(happened.stream().mapToDouble(one -> one.storedBytes() / mebibyte).toArray()),
        false);
    paces.add(
        String.format(
            Locale.ROOT, "%.2f", median(predicted.stream().mapToDouble(Values::pace).toArray())));
  }

  private static double times(List<Values> values, boolean backup) {
    return median(
        values.stream()
            .mapToDouble(one -> backup ? one.backupSeconds() : one.restoreSeconds())
            .toArray());
  }

  private Values ask(Cache source) throws IOException, InterruptedException {
    answerSeconds.add(
        ringkeep
            .run(
                "advise", "--source", source.uri(), "--node", "a,100MiB/s,1TiB", "--output", "json")
            .seconds());
    List<String> measured =
        new ArrayList<>(
            List.of("advise", "--source", source.uri(), "--measure", "--importance", "low"));
    if (!pace.isEmpty()) {
      measured.addAll(List.of("--pace", pace));
    }
    measured.addAll(List.of("--output", "json"));
    ProcessRun run = ringkeep.run(measured.toArray(String[]::new));
    measureSeconds.add(run.seconds());
    JsonNode advice = JsonMapper.shared().readTree(run.output());
    JsonNode situation = advice.get("situation");
    JsonNode plan = advice.get("plans").get(0);
    return new Values(
        plan.get("firstBackupSeconds").asDouble(),
        plan.get("nearRestoreSeconds").asDouble(),
        situation.get("dataBytes").asDouble() * situation.get("compression").asDouble(),
        situation.get("pace").asDouble());
  }

  private Values run(Cache source, AdvisedData data) throws IOException, InterruptedException {
    long empty = Suite.treeSize(ringkeep.repository());
    double backup = ringkeep.run("backup", "--source", source.uri()).seconds();
    long stored = Suite.treeSize(ringkeep.repository()) - empty;
    try (Cache target = data.start()) {
      double restore = ringkeep.run("restore", "--target", target.uri(), "--yes").seconds();
      return new Values(backup, restore, stored, /* pace= */ Double.NaN);
    }
  }

  private void row(String what, double predicted, double measured, boolean promised) {
    double ratio = measured / predicted;
    boolean within = Math.abs(ratio - 1) <= TIME_MARGIN;
    met &= within || !promised;
    rows.add(
        String.format(
            Locale.ROOT,
            "| %s | %.1f | %.1f | **%.2f** | %s |",
            what,
            predicted,
            measured,
            ratio,
            promised ? "± 25 %%, %s".formatted(within ? "met" : "missed") : ""));
  }

  private String markdown() {
    double answer = median(answerSeconds.stream().mapToDouble(Double::doubleValue).toArray());
    met &= answer <= MOST_SECONDS;
    return "| | predicted | measured | measured ÷ predicted | target |\n|---|---|---|---|---|\n"
        + String.join("\n", rows)
        + String.format(
            Locale.ROOT,
            "%n%nPace of the three, %s: %s. `advise --source` answers in %.2f s (target ≤ %.0f s, %s), with"
                + " `--measure` in %.1f s.%n",
            pace.isEmpty() ? "as `--measure` found it" : "given",
            String.join(", ", paces),
            answer,
            MOST_SECONDS,
            answer <= MOST_SECONDS ? "met" : "missed",
            median(measureSeconds.stream().mapToDouble(Double::doubleValue).toArray()));
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
