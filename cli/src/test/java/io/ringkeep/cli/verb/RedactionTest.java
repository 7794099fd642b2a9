package io.ringkeep.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactionTest {
  @ParameterizedTest
  @CsvSource({
    "requirepass, hunter2, ***",
    "masterauth, hunter2, ***",
    "primaryauth, hunter2, ***",
    "tls-key-file-pass, hunter2, ***",
    "tls-client-key-file-pass, hunter2, ***",
    "requirepass, '', ''",
    "maxmemory-policy, noeviction, noeviction",
    "tls-auth-clients, yes, yes",
    "masteruser, replicator, replicator"
  })
  void setting_secretOrNot_isBlottedOrShown(String name, String value, String shown) {
    assertThat(Redaction.setting(name, value)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({
    "user default on nopass sanitize-payload ~* &* +@all, user default on nopass sanitize-payload ~* &* +@all",
    "user me on #5e884898da28 >plain !0badcafe ~k* +get, user me on #*** >*** !*** ~k* +get"
  })
  void aclLine_passwordsAndHashes_areBlotted(String line, String shown) {
    assertThat(Redaction.aclLine(line)).isEqualTo(shown);
  }
}
