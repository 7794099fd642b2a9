package io.ringkeep.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class FollowerPaceTest {
  @Test
  void behindBytes_ofSeveralReplicas_isThatOfTheFurthestBehind() {
    Map<String, String> replication =
        Map.of(
            "role", "master",
            "master_repl_offset", "5000",
            "slave0", "ip=127.0.0.1,port=7001,state=online,offset=4900,lag=0",
            "slave1", "ip=127.0.0.1,port=7002,state=online,offset=1000,lag=1");

    assertThat(FollowerPace.behindBytes(replication)).isEqualTo(4000);
  }

  @Test
  void behindBytes_ofReplicaThatIsStillSynced_doesNotCount() {
    Map<String, String> replication =
        Map.of(
            "master_repl_offset", "5000",
            "slave0", "ip=127.0.0.1,port=7001,state=wait_bgsave,offset=0,lag=0");

    assertThat(FollowerPace.behindBytes(replication)).isZero();
  }
}
