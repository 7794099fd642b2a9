package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.simulate.PlacementSimulation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;
import tools.jackson.databind.JsonNode;

class SimulateTest {
  private static final Path ROOT = Path.of(System.getProperty("ringkeep.root"));

  @TempDir private Path folder;

  private Shell shell() {
    return new Shell(folder.resolve("none").toString(), "unused");
  }

  /// The columns of fewest nodes, so that this takes seconds: all have one seed.
  @Test
  void simulate_usualSeed_printsWhatTheDocumentShows() throws IOException {
    List<String> shown =
        Files.readString(ROOT.resolve("docs/strategies.md"))
            .lines()
            .map(SimulateTest::words)
            .toList();
    List<String> printed =
        shell()
            .succeed("simulate", "placement", "--nodes", "3,4,6")
            .out()
            .lines()
            .map(SimulateTest::words)
            .filter(line -> !line.isEmpty())
            .toList();

    assertThat(printed).hasSizeGreaterThan(60);
    assertThat(printed)
        .allSatisfy(line -> assertThat(shown).anyMatch(row -> (row + " ").startsWith(line + " ")));
  }

  private static String words(String line) {
    return line.strip().replaceAll(" +", " ");
  }

  @Test
  void simulate_asJson_namesEachFigure() {
    JsonNode answer =
        shell().json("simulate", "placement", "--nodes", "4", "--objects", "10", "--seed", "3");

    assertThat(answer.get("seed").asLong()).isEqualTo(3);
    JsonNode first = answer.get("outcomes").get(0);
    assertThat(first.get("scheme").asString()).isEqualTo("h(key) mod n");
    assertThat(first.get("nodes").asInt()).isEqualTo(4);
    assertThat(first.get("weights").asString()).isEqualTo("equal");
    assertThat(first.get("movedByJoin").asDouble()).isBetween(0.78, 0.82);
    assertThat(first.get("leastMovedByJoin").asDouble()).isEqualTo(0.2);
    assertThat(first.get("spread").asDouble()).isPositive();
    assertThat(first.get("maxOverMean").asDouble()).isGreaterThan(1);
  }

  @Test
  void simulate_svg_isADrawingWithAxesAndALegend()
      throws IOException, ParserConfigurationException, SAXException {
    Path file = folder.resolve("placement.svg");
    shell()
        .succeed(
            "simulate",
            "placement",
            "--nodes",
            "6,12",
            "--objects",
            "10",
            "--svg",
            file.toString());
    Document svg = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    NodeList texts = svg.getElementsByTagName("text");
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < texts.getLength(); i++) {
      words.append(texts.item(i).getTextContent()).append('\n');
    }

    assertThat(words.toString().lines())
        .containsAll(PlacementSimulation.schemes())
        .contains("nodes", "standard deviation ÷ mean", "part of all pieces", "6", "12");
    assertThat(svg.getElementsByTagName("polyline").getLength()).isEqualTo(14);
  }

  @Test
  void simulate_tooManyNodes_isRefused() {
    assertThat(shell().fail(2, "simulate", "placement", "--nodes", "5000").err())
        .contains("from 2 to 1000 nodes can be simulated: nodes=5000");
  }
}
