package io.ringkeep.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;
import static org.assertj.core.data.Percentage.withPercentage;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The simulator finds what is published.
class PlacementSimulationTest {
  private static final List<Outcome> ALL = new ArrayList<>();

  @BeforeAll
  static void simulate() {
    ALL.addAll(
        PlacementSimulation.run(
            new PlacementSimulation.Request(List.of(4, 12, 100), 1_000, seed())));
  }

  private static long seed() {
    long given = Long.getLong("ringkeep.seed", 0);
    long seed = given == 0 ? System.nanoTime() : given;
    System.out.println("PlacementSimulationTest: -Dringkeep.seed=" + seed);
    return seed;
  }

  private static Outcome outcome(String scheme, int nodes, Weights weights) {
    return ALL.stream()
        .filter(outcome -> outcome.scheme().equals(scheme))
        .filter(outcome -> outcome.nodes() == nodes && outcome.weights() == weights)
        .findFirst()
        .orElseThrow();
  }

  /// 1 − 1 ÷ (n + 1), as every text on consistent hashing says.
  @Test
  void modulo_fourNodesBecomeFive_movesEightyPercent() {
    Outcome outcome = outcome("h(key) mod n", 4, Weights.EQUAL);

    assertThat(outcome.movedByJoin()).isCloseTo(0.80, offset(0.01));
    assertThat(outcome.leastMovedByJoin()).isEqualTo(0.20);
  }

  /// √((n − 1) ÷ (100 n + 1)).
  @Test
  void ring_hundredPoints_hasAboutTenPercentSpread() {
    assertThat(outcome("Karger ring, 100 points", 100, Weights.EQUAL).spread())
        .isBetween(0.08, 0.125);
  }

  @Test
  void ring_nodeJoins_movesAboutItsShare() {
    Outcome outcome = outcome("Karger ring, 100 points", 12, Weights.EQUAL);

    assertThat(outcome.movedByJoin()).isCloseTo(outcome.leastMovedByJoin(), withPercentage(25));
  }

  @Test
  void rendezvous_nodeOfWeightJoins_movesItsWeightsShare() {
    for (Weights weights : Weights.values()) {
      for (int nodes : List.of(4, 12, 100)) {
        Outcome outcome = outcome("weighted rendezvous", nodes, weights);
        assertThat(outcome.movedByJoin()).isCloseTo(outcome.leastMovedByJoin(), withPercentage(20));
      }
    }
    assertThat(outcome("weighted rendezvous", 4, Weights.UNEQUAL).leastMovedByJoin())
        .isEqualTo(2.0 / 10);
  }

  @Test
  void table_anyNodes_isMoreEvenThanTheOthersAndMovesTheMinimum() {
    List<Outcome> tables =
        ALL.stream().filter(outcome -> outcome.scheme().startsWith("Ringkeep")).toList();
    assertThat(tables).hasSizeGreaterThan(10);
    for (Outcome outcome : tables) {
      assertThat(outcome.spread()).as("%s", outcome).isLessThan(0.01);
      assertThat(outcome.maxOverMean()).as("%s", outcome).isLessThan(1.05);
      assertThat(outcome.movedByJoin())
          .as("%s", outcome)
          .isLessThanOrEqualTo(1.05 * outcome.leastMovedByJoin());
      outcome
          .movedByLeave()
          .ifPresent(
              moved -> assertThat(moved).isLessThanOrEqualTo(1.05 * outcome.leastMovedByLeave()));
    }
  }

  @Test
  void run_theSameSeed_givesTheSameFigures() {
    PlacementSimulation.Request request = new PlacementSimulation.Request(List.of(3, 6), 10, 7);

    assertThat(PlacementSimulation.run(request)).isEqualTo(PlacementSimulation.run(request));
  }

  @Test
  void request_outOfRange_isRefused() {
    assertThatThrownBy(() -> new PlacementSimulation.Request(List.of(1), 10, 7))
        .isInstanceOf(InvalidRequest.class);
    assertThatThrownBy(() -> new PlacementSimulation.Request(List.of(1_001), 10, 7))
        .isInstanceOf(InvalidRequest.class);
    assertThatThrownBy(() -> new PlacementSimulation.Request(List.of(), 10, 7))
        .isInstanceOf(InvalidRequest.class);
    assertThatThrownBy(() -> new PlacementSimulation.Request(List.of(3), 0, 7))
        .isInstanceOf(InvalidRequest.class);
  }
}
