package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.advice.Forecast;
import io.ringkeep.advice.Measured;
import io.ringkeep.advice.Situation;
import io.ringkeep.advice.StoragePlace;
import io.ringkeep.config.ConfigFile;
import io.ringkeep.placement.StorageNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// `ringkeep advise`, its situations, and what the documents say of it.
class AdviseTest {
  private static final Path ROOT = Path.of(System.getProperty("ringkeep.root"));
  private static final List<String> SITUATIONS =
      List.of("session-cache", "orders-six-shards", "catalogue-200-shards");

  @TempDir private Path folder;

  private Shell shell() {
    return new Shell(folder.resolve("none").toString(), "unused");
  }

  private static String situation(String name) {
    return "@" + ROOT.resolve("examples/advise").resolve(name + ".args");
  }

  private JsonNode best(String name) {
    return shell().json("advise", situation(name)).get("plans").get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "session-cache,3600,300",
    "orders-six-shards,5,3600",
    "catalogue-200-shards,129600,43200"
  })
  void advise_situation_keepsItsRpoAndRto(String name, double rpo, double rto) {
    JsonNode plan = best(name);

    assertThat(plan.get("rpoSeconds").asDouble()).isLessThanOrEqualTo(rpo);
    assertThat(plan.get("nearRestoreSeconds").asDouble()).isLessThanOrEqualTo(rto);
  }

  @Test
  void advise_situations_getDifferentStrategiesOrCadences() {
    assertThat(
            SITUATIONS.stream()
                .map(this::best)
                .map(plan -> plan.get("strategy").asString() + plan.get("cadence").asString()))
        .doesNotHaveDuplicates()
        .hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"session-cache", "orders-six-shards"})
  void write_bestPlan_isAFileOfSettings(String name) {
    Path file = folder.resolve(name + ".yaml");
    shell().succeed("advise", situation(name), "--write", file.toString());
    ConfigFile read = ConfigFile.read(file, Map.of());
    JsonNode plan = best(name);

    if (plan.get("nodes").size() > 1) {
      assertThat(read.strategy().orElseThrow()).hasToString(plan.get("strategy").asString());
      assertThat(read.nodes()).hasSameSizeAs(plan.get("nodes"));
    } else {
      assertThat(read.nodes()).isEmpty();
    }
    shell().succeed("config", "explain", "-c", file.toString());
    assertThat(shell().fail(2, "advise", situation(name), "--write", file.toString()).err())
        .contains("there is such a file");
  }

  @Test
  void write_placesWithoutUrl_isRefused() {
    String file = folder.resolve("ringkeep.yaml").toString();

    assertThat(shell().fail(2, "advise", situation("catalogue-200-shards"), "--write", file).err())
        .contains("one has no url: node=n001");
  }

  @Test
  void advise_contradiction_exitsTwoAndNamesBoth() {
    assertThat(
            shell()
                .fail(
                    2,
                    "advise",
                    "--data",
                    "50GB",
                    "--keys",
                    "60000000",
                    "--writes",
                    "1MB/s",
                    "--nodes",
                    "2,100MiB/s,1TB",
                    "--rpo",
                    "5s",
                    "--cadence",
                    "full")
                .err())
        .contains("no plan keeps both: cadence=full rpo=5s: the best has ");
  }

  @Test
  void advise_withoutFiguresOrPlaces_saysWhatIsMissing() {
    assertThat(shell().fail(2, "advise", "--nodes", "2,1MiB/s,1GB").err())
        .contains("a figure is missing: --data");
    assertThat(shell().fail(2, "advise", "--data", "1GB").err()).contains("no place is named");
    assertThat(shell().fail(2, "advise", "--node", "a,fast,1GB").err())
        .contains("no place for backups: 'a,fast,1GB'");
  }

  /// Commands of a plan say how long they wait only where that is not enough.
  @Test
  void timeouts_ofBackupAndRestore_areTheOnesThatPlansRelyOn() {
    for (String verb : List.of("backup", "restore")) {
      assertThat(shell().succeed(verb, "--help").out().replaceAll("\\s+", " "))
          .contains("give up after this long (default: 6h)");
    }
  }

  @Test
  void advise_text_saysWhyAndWhatWouldChangeIt() {
    assertThat(shell().succeed("advise", situation("orders-six-shards")).out())
        .contains("\nwhy\n  no full cadence keeps rpo=5s")
        .contains("\nwhat would change it\n  ")
        .contains("\nto do it\n  once: ringkeep init -c ringkeep.yaml");
  }

  /// The rows of the table of measurements that name this work: dataset and seconds.
  private static List<Matcher> measured(String work) throws IOException {
    Pattern row = Pattern.compile("\\| " + work + " of ([0-9,]+) ([^:|]*)[^|]*\\| ([0-9.]+) \\|.*");
    List<Matcher> rows =
        Files.readString(ROOT.resolve("docs/benchmarks.md"))
            .lines()
            .map(row::matcher)
            .filter(Matcher::matches)
            .toList();
    assertThat(rows).hasSize(3);
    return rows;
  }

  private static Situation situation(Matcher row, int shards) throws IOException {
    String dataset = row.group(1) + " " + row.group(2);
    Matcher size =
        Pattern.compile("\\| " + Pattern.quote(dataset) + " \\| the RDB file \\| ([0-9.]+) \\|")
            .matcher(Files.readString(ROOT.resolve("docs/benchmarks.md")));
    assertThat(size.find()).as(dataset).isTrue();
    return new Situation(
        (long) (Double.parseDouble(size.group(1)) * Measured.MIB),
        Long.parseLong(row.group(1).replace(",", "")),
        0,
        shards,
        Duration.ZERO,
        OptionalDouble.empty(),
        Measured.PROCESSORS,
        1,
        OptionalLong.empty(),
        List.of(new StoragePlace("a", "", "a", StorageNode.Tier.LOCAL, 1 << 30, 1L << 40)));
  }

  private static void within(String work, int shards, ToDoubleFunction<Situation> predicted)
      throws IOException {
    for (Matcher row : measured(work)) {
      double seconds = predicted.applyAsDouble(situation(row, shards));
      assertThat(Forecast.timeMargin().allows(seconds, Double.parseDouble(row.group(3))))
          .as("%s: predicted %.1f s, measured %s s", row.group(), seconds, row.group(3))
          .isTrue();
    }
  }

  @Test
  void predictions_ofMeasuredTimes_areWithinTheErrorThatIsPrinted() throws IOException {
    within("full backup", 1, Measured::backupSeconds);
    within("restore by replication", 1, Measured::loadSeconds);
    within("restore into three primaries", 3, Measured::loadSeconds);
  }

  @Test
  void formulas_ofTheDocument_standAtTheCodeThatComputesThem() throws IOException {
    String document = Files.readString(ROOT.resolve("docs/strategies.md"));
    String section =
        document.substring(
            document.indexOf("### Predictions"),
            document.indexOf("What processors and servers do"));
    String code =
        (Files.readString(ROOT.resolve("core/src/main/java/io/ringkeep/advice/Forecast.java"))
                + Files.readString(
                    ROOT.resolve("core/src/main/java/io/ringkeep/advice/Durability.java")))
            .replaceAll("\\s*///\\s*", " ")
            .replaceAll("\\s+", " ");
    List<String> formulas =
        Pattern.compile("(?m)^\\| [^|]* \\| `([^`]+)` \\|")
            .matcher(section)
            .results()
            .map(match -> match.group(1))
            .toList();

    assertThat(formulas)
        .hasSizeGreaterThan(9)
        .allSatisfy(formula -> assertThat(code).contains(formula));
  }

  @Test
  void figures_ofTheDocument_areThoseOfTheCode() throws IOException {
    assertThat(Files.readString(ROOT.resolve("docs/strategies.md")))
        .contains(
            "| a backup | %s | 0 | %s |"
                .formatted(Measured.BACKUP_START_SECONDS, Measured.BACKUP_SECONDS_PER_MIB))
        .contains(
            "| loading by replication | %s | %s | %s |"
                .formatted(
                    Measured.LOAD_START_SECONDS,
                    Measured.LOAD_SECONDS_PER_MILLION_KEYS,
                    Measured.LOAD_SECONDS_PER_MIB))
        .contains(
            "| loading by `RESTORE` into several primaries | %s | %s | %s |"
                .formatted(
                    Measured.COMMANDS_START_SECONDS,
                    Measured.COMMANDS_SECONDS_PER_MILLION_KEYS,
                    Measured.COMMANDS_SECONDS_PER_MIB))
        .contains(
            String.format(
                Locale.ROOT, "The divisor, %.4f, is what", Measured.WORK_SECONDS_PER_MIB));
  }
}
