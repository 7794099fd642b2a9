package io.ringkeep.redis.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.topology.Topology.SlotMove;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterNodeTest {
  private static final String REDIS_6_0 =
      """
      555d3d2ceee9ea9b246de166846a8611e8dc966c 127.0.0.1:21201@31201 master - 0 1795413364031 2 connected 5461-10922
      64de1dd2dda8bf88f34a8273833e982f65b9ac8f 127.0.0.1:21205@31205 slave 8724a9575d3f73363573cda38e43cb708988c648 0 1795413364031 1 connected
      8724a9575d3f73363573cda38e43cb708988c648 127.0.0.1:21200@31200 myself,master - 0 1795413363000 1 connected 0-5460
      4a9026e9f7fde9ae3f59b308ec0333ddbc93c3cb 127.0.0.1:21202@31202 master - 0 1795413364031 3 connected 10923-16383
      """;

  /// As Redis 8.0 shows a host name and, in the line of the server asked, slots that it is moving.
  private static final String REDIS_8_0 =
      """
      911ce587cea669441211fd28664a504c9cc4f316 127.0.0.1:21221@31221 master - 0 1795413679633 2 connected 5461-10922
      8369bee060a79288860cb2540a57404e5b92bb63 127.0.0.1:21220@31220,shard-1.example.net myself,master - 0 0 1 connected 0-99 101 103-5460 [100->-911ce587cea669441211fd28664a504c9cc4f316] [7000-<-687de8b50d99233ac4826752a80f97111eb7190e]
      """;

  private static final String FAILING =
      """
      f9b78b881c1f714498cb695ac1e5cff5bce4a240 127.0.0.1:21211@31211 master,fail? - 0 1795413710034 2 connected 5461-10922
      cfbb8d0b47c5ba33346a22f03dd62ff965c25d10 127.0.0.1:21212@31212 master,fail - 1795413707322 1795413706316 3 disconnected 10923-16383
      61e97a3ff73a66108b3edccf81132ca79a4eb742 :0@0 slave,noaddr cfbb8d0b47c5ba33346a22f03dd62ff965c25d10 1795413707120 1795413706115 3 disconnected
      2b211d9133bdb03722545cdcdc2922d8d57c1073 10.0.0.9:6379@16379 handshake - 1795413707120 0 0 disconnected
      6d491732935279c65569ff37500547220148a328 :21210@31210 myself,master - 0 1795413709000 1 connected 0-5460
      """;

  @Test
  void parse_redis60_readsRolesSlotsAndPrimaries() {
    List<ClusterNode> nodes = ClusterNode.parse(REDIS_6_0);

    assertThat(nodes).hasSize(4).allMatch(ClusterNode::isPresent);
    assertThat(nodes).filteredOn(ClusterNode::isPrimary).hasSize(3);
    assertThat(nodes.get(0).slots()).containsExactly(new SlotRange(5461, 10922));
    assertThat(nodes.get(1).primaryId()).contains("8724a9575d3f73363573cda38e43cb708988c648");
    assertThat(nodes.get(1).slots()).isEmpty();
    assertThat(nodes.get(2).isMyself()).isTrue();
    assertThat(nodes.get(3).endpoint("seed")).isEqualTo(new Endpoint("127.0.0.1", 21202));
    assertThat(ClusterNode.unserved(nodes)).isEmpty();
  }

  @Test
  void parse_hostNameAndMovingSlots_readsThem() {
    ClusterNode node = ClusterNode.parse(REDIS_8_0).get(1);

    assertThat(node.endpoint("seed")).isEqualTo(new Endpoint("127.0.0.1", 21220));
    assertThat(node.slots())
        .containsExactly(new SlotRange(0, 99), new SlotRange(101, 101), new SlotRange(103, 5460));
    assertThat(node.moves())
        .containsExactly(
            new SlotMove(
                new SlotRange(100, 100),
                "8369bee060a79288860cb2540a57404e5b92bb63",
                "911ce587cea669441211fd28664a504c9cc4f316"),
            new SlotMove(
                new SlotRange(7000, 7000),
                "687de8b50d99233ac4826752a80f97111eb7190e",
                "8369bee060a79288860cb2540a57404e5b92bb63"));
  }

  @Test
  void parse_failedAndUnknownServers_areNotPresent() {
    List<ClusterNode> nodes = ClusterNode.parse(FAILING);

    assertThat(nodes)
        .extracting(ClusterNode::isPresent)
        .containsExactly(true, false, false, false, true);
    assertThat(nodes.get(4).endpoint("10.1.1.1")).isEqualTo(new Endpoint("10.1.1.1", 21210));
    assertThat(ClusterNode.unserved(nodes.stream().filter(ClusterNode::isPresent).toList()))
        .containsExactly(new SlotRange(10923, 16383));
  }

  @Test
  void parse_ipv6_readsAddressAndPort() {
    ClusterNode node =
        ClusterNode.parse(
                "8724a9575d3f73363573cda38e43cb708988c648 fe80::1:7000@17000 master - 0 0 1 connected")
            .getFirst();

    assertThat(node.endpoint("seed")).isEqualTo(new Endpoint("fe80::1", 7000));
    assertThat(ClusterNode.unserved(List.of(node))).containsExactly(SlotRange.ALL);
  }

  @Test
  void node_withOtherSlotsInItsOwnView_isNotToldAlike() {
    ClusterNode node = ClusterNode.parse(REDIS_6_0).get(2);

    assertThat(node.isToldAlikeIn(ClusterNode.parse(REDIS_6_0))).isTrue();
    assertThat(node.isToldAlikeIn(ClusterNode.parse(REDIS_6_0.replace("0-5460", "0-5459"))))
        .isFalse();
    assertThat(node.isToldAlikeIn(ClusterNode.parse(REDIS_8_0))).as("another server").isFalse();
    assertThat(node.isToldAlikeIn(ClusterNode.parse(REDIS_6_0.replace("5461-", "5462-"))))
        .as("what it knows of others may be old")
        .isTrue();
  }

  @Test
  void parse_fewerWords_isRefused() {
    assertThatThrownBy(() -> ClusterNode.parse("8724a957 127.0.0.1:1@2 master"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
