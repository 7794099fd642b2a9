package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.RdbVersion;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RdbTypeTest {
  private static final RdbVersion VALKEY = RdbVersion.valkey(80);

  @Test
  void number22_meansAnotherThingInEachFamily() {
    assertThat(RdbType.of(RdbVersion.redis(12), 22)).contains(RdbType.HASH_METADATA_PRE_GA);
    assertThat(RdbType.of(VALKEY, 22)).contains(RdbType.HASH_2);
    assertThat(RdbType.of(RdbVersion.redis(11), 22)).isEmpty();
  }

  @Test
  void commonType_inAnOlderFile_keepsItsMeaning() {
    assertThat(RdbType.of(RdbVersion.redis(6), 14)).contains(RdbType.LIST_QUICKLIST);
  }

  @ParameterizedTest
  @CsvSource({"-1", "8", "27", "255"})
  void number_unknown_isRefused(int number) {
    assertThat(RdbType.of(RdbVersion.redis(12), number)).isEmpty();
    assertThatThrownBy(() -> RdbType.logicalType(RdbVersion.redis(12), number))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessage("unknown RDB value type: type=" + number + " version=REDIS0012");
  }

  @Test
  void logicalType_ofEachType_isItsOwn() {
    for (RdbType type : RdbType.values()) {
      assertThat(RdbType.logicalType(type.since(), type.number())).isEqualTo(type.logicalType());
    }
  }

  /// What RESTORE accepted when it was tried on each engine: ≤ 15 on 6.2, ≤ 19 on 7.0, ≤ 21 on 7.2
  /// and Valkey 8, ≤ 25 on 7.4 and 8.
  @Test
  void obstacle_ofEachType_isWhatServersDo() {
    for (int number = 0; number <= 25; number++) {
      if (number == 6 || number == 8) {
        continue;
      }
      RdbVersion written = RdbVersion.redis(12);
      assertThat(RdbType.obstacle(written, number, RdbVersion.redis(9)).isEmpty())
          .as("type %d", number)
          .isEqualTo(number <= 15);
      assertThat(RdbType.obstacle(written, number, RdbVersion.redis(10)).isEmpty())
          .isEqualTo(number <= 19);
      assertThat(RdbType.obstacle(written, number, RdbVersion.redis(11)).isEmpty())
          .isEqualTo(number <= 21);
      assertThat(RdbType.obstacle(written, number, RdbVersion.redis(12))).isEmpty();
      assertThat(RdbType.obstacle(written, number, VALKEY).isEmpty()).isEqualTo(number <= 21);
    }
  }

  @Test
  void obstacle_hashOfValkey_isNamed() {
    assertThat(RdbType.obstacle(VALKEY, 22, VALKEY)).isEmpty();
    assertThat(RdbType.obstacle(VALKEY, 22, RdbVersion.redis(12)))
        .isEqualTo(
            Optional.of("hash with field expiry (type 22 of VALKEY080) is not known to REDIS0012"));
    assertThat(RdbType.obstacle(VALKEY, 21, RdbVersion.redis(11))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "REDIS0012, REDIS0010, REDIS0010",
    "REDIS0011, VALKEY080, REDIS0011",
    "REDIS0009, VALKEY080, REDIS0009",
    "REDIS0012, VALKEY080, REDIS0011",
    "REDIS0015, VALKEY080, REDIS0011",
    "VALKEY080, VALKEY080, VALKEY080"
  })
  void common_ofTwoVersions_hasNoTypeThatEitherDoesNotKnow(
      String one, String other, String expected) {
    RdbVersion first = RdbVersion.parse(one);
    RdbVersion second = RdbVersion.parse(other);
    RdbVersion common = RdbType.common(first, second);
    assertThat(common).hasToString(expected).isEqualTo(RdbType.common(second, first));
    for (RdbType type : RdbType.values()) {
      assertThat(type.knownTo(common)).isEqualTo(type.knownTo(first) && type.knownTo(second));
    }
  }

  @Test
  void obstacle_moduleOfReleaseCandidate_isEverywhere() {
    assertThat(RdbType.obstacle(RdbVersion.redis(8), 6, RdbVersion.redis(12)))
        .isEqualTo(
            Optional.of(
                "module value of Redis 4.0 release candidates (type 6) cannot be loaded by any"
                    + " release"));
  }
}
