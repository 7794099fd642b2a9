package io.ringkeep.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.client.BackupHealth;
import io.ringkeep.client.BackupHealth.Part;
import io.ringkeep.client.KeyBackup;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeyCareVerbsTest {
  /// A backup whose two whole parts lie on one primary.
  private static String advice(int copies, int pieces) {
    KeyBackup backup =
        new KeyBackup(
            new byte[] {'k'},
            new byte[] {'b'},
            Instant.EPOCH,
            Optional.empty(),
            copies,
            pieces,
            /* valueBytes= */ 1,
            Optional.empty());
    List<Part> parts =
        List.of(new Part("b", "10.0.0.1:6379", ""), new Part("c", "10.0.0.1:6379", ""));
    return KeyCareVerbs.health(new BackupHealth(backup, parts)).text().getLast();
  }

  @Test
  void health_partsOnOnePrimary_advisesWhatHelps() {
    assertThat(advice(2, 1))
        .isEqualTo("the parts lie on 1 primaries: 'key repair' spreads copies again");
    assertThat(advice(1, 2))
        .isEqualTo("the parts lie on 1 primaries: back the key up again to spread its pieces");
  }
}
