package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// `ringkeep simulate fleet`.
class FleetTest {
  private static final Path ROOT = Path.of(System.getProperty("ringkeep.root"));

  @TempDir private Path folder;

  private Shell shell() {
    return new Shell(folder.resolve("none").toString(), "unused");
  }

  private static String situation(String name) {
    return "@" + ROOT.resolve("examples/advise").resolve(name + ".args");
  }

  @ParameterizedTest
  @ValueSource(strings = {"session-cache", "orders-six-shards", "catalogue-200-shards"})
  void simulate_situation_staysWithinTheErrorsThatAdvisePrints(String name) {
    JsonNode answer = shell().json("simulate", "fleet", situation(name));

    assertThat(answer.get("compared").size()).isGreaterThanOrEqualTo(4);
    assertThat(answer.get("compared"))
        .allSatisfy(compared ->
            assertThat(compared.get("within").asBoolean()).as(compared.toString()).isTrue());
  }

  @Test
  void simulate_slowLink_staysWithinTheErrorsToo() {
    shell().succeed("simulate", "fleet", situation("session-cache"), "--link", "4MB/s");
  }

  @Test
  void simulate_placesThatLoseData_countsLossesAsPredicted() {
    String out = shell().succeed("simulate", "fleet", situation("catalogue-200-shards")).out();

    assertThat(out)
        .contains("repair of a lost node")
        .contains("lost when 3 nodes die at once")
        .contains("losses a year")
        .contains("fullest node over its share");
  }

  @Test
  void simulate_sameSeed_givesTheSameFigures() {
    String first =
        shell().succeed("simulate", "fleet", situation("session-cache"), "--seed", "7").out();

    assertThat(
            shell().succeed("simulate", "fleet", situation("session-cache"), "--seed", "7").out())
        .isEqualTo(first);
    assertThat(
            shell().succeed("simulate", "fleet", situation("session-cache"), "--seed", "8").out())
        .isNotEqualTo(first);
  }

  @Test
  void grow_toAPetabyte_printsWhatTheDocumentShowsAndDrawsIt() throws IOException {
    Path svg = folder.resolve("scale.svg");
    String document = Files.readString(ROOT.resolve("docs/scale.md"));
    String out =
        shell()
            .succeed(
                "simulate",
                "fleet",
                "--data",
                "50GB",
                "--keys",
                "60000000",
                "--writes",
                "1MB/s",
                "--shards",
                "2",
                "--processors",
                "16",
                "--nodes",
                "7,300MiB/s,20TB",
                "--strategy",
                "erasure:4+2",
                "--grow",
                "--svg",
                svg.toString())
            .out();

    assertThat(out.lines().filter(line -> line.matches("[0-9]+ (GB|TB|PB) .*")))
        .hasSize(6)
        .allSatisfy(line -> assertThat(document).contains(line));
    assertThat(Files.readString(svg))
        .contains("How long it takes", "1 PB", "backup, predicted", "storage nodes");
  }
}
