package io.ringkeep.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupDealTest {
  @ParameterizedTest
  @CsvSource({
    "6,copy:3",
    "7,erasure:4+2",
    "12,copy:1",
    "12,erasure:4+2",
    "30,copy:3",
    "60,copy:3",
    "100,copy:3",
    "100,erasure:8+4"
  })
  void next_thousandObjects_giveEveryNodeItsShareWithinFivePercent(int count, String strategy) {
    for (List<StorageNode> nodes : List.of(Nodes.equal(count), Nodes.weighted(count, 1, 1.5))) {
      if (Feasibility.of(nodes, Strategy.parse(strategy)).feasible()) {
        PlacementTable table = PlacementTable.first(nodes, Strategy.parse(strategy));
        int[] held = new int[count];
        int[][] groups = table.groups();
        GroupDeal deal = table.deal("snapshot");
        for (int object = 0; object < 1_000; object++) {
          for (int node : groups[deal.next()]) {
            held[node]++;
          }
        }
        for (int node = 0; node < count; node++) {
          double due = 1_000 * table.strategy().width() * table.shares()[node];
          assertThat((double) held[node]).isBetween(0.95 * due - 1, 1.05 * due + 1);
        }
      }
    }
  }

  @Test
  void next_asManyObjectsAsGroups_dealsEachOnce() {
    PlacementTable table = PlacementTable.first(Nodes.equal(5), Strategy.parse("copy:2"));
    GroupDeal deal = table.deal("a");
    int[] dealt = new int[table.groupCount()];
    for (int i = 0; i < 2 * dealt.length; i++) {
      dealt[deal.next()]++;
    }

    assertThat(dealt).containsOnly(2);
  }

  @Test
  void next_theSameStart_dealsTheSame() {
    PlacementTable table = PlacementTable.first(Nodes.equal(5), Strategy.parse("copy:2"));
    GroupDeal one = table.deal("a");
    GroupDeal two = table.deal("a");
    for (int i = 0; i < 100; i++) {
      assertThat(one.next()).isEqualTo(two.next());
    }
    assertThat(table.deal("b").next()).isNotEqualTo(table.deal("a").next());
  }
}
