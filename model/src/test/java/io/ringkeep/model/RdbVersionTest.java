package io.ringkeep.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RdbVersionTest {
  @ParameterizedTest
  @ValueSource(strings = {"REDIS0001", "REDIS0009", "REDIS0012", "REDIS9999", "VALKEY080"})
  void parse_whatMagicWrites_readsItBack(String magic) {
    assertThat(RdbVersion.parse(magic).magic()).isEqualTo(magic).hasSize(9);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "REDIS",
        "REDIS000",
        "REDIS00010",
        "REDIS0000",
        "REDIS00a1",
        "redis0009",
        "VALKEY000",
        "VALKEY0080",
        "VALKEY80",
        "RKOB00001"
      })
  void parse_anythingElse_isRefused(String magic) {
    assertThatThrownBy(() -> RdbVersion.parse(magic)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void equals_sameNumberOfTheOtherFamily_isAnotherVersion() {
    assertThat(RdbVersion.redis(80)).isNotEqualTo(RdbVersion.valkey(80));
    assertThat(RdbVersion.parse("VALKEY080")).isEqualTo(RdbVersion.valkey(80));
  }

  @Test
  void new_numberThatNoMagicHolds_isRefused() {
    assertThatThrownBy(() -> RdbVersion.redis(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RdbVersion.redis(10000)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RdbVersion.valkey(1000)).isInstanceOf(IllegalArgumentException.class);
  }
}
