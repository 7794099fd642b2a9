package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.RdbVersion;
import io.ringkeep.redis.EngineVersion.Product;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineVersionTest {
  @Test
  void parse_infoOfRedis_readsItsVersion() {
    assertThat(EngineVersion.parse(Map.of("redis_version", "7.0.15")))
        .isEqualTo(new EngineVersion(Product.REDIS, 7, 0, 15))
        .hasToString("Redis 7.0.15");
  }

  @Test
  void parse_infoOfValkey_readsItsOwnVersion() {
    assertThat(
            EngineVersion.parse(
                Map.of(
                    "redis_version", "7.2.4", "valkey_version", "9.1.2", "server_name", "valkey")))
        .isEqualTo(new EngineVersion(Product.VALKEY, 9, 1, 2))
        .hasToString("Valkey 9.1.2");
  }

  @ParameterizedTest
  @CsvSource({
    "8.10.0, 8, 10, 0",
    "9.1.0-rc1, 9, 1, 0",
    "6.2, 6, 2, 0",
    "255.255.255, 255, 255, 255"
  })
  void parse_dottedVersion_readsNumbers(String text, int major, int minor, int patch) {
    assertThat(EngineVersion.parse(Product.REDIS, text))
        .isEqualTo(new EngineVersion(Product.REDIS, major, minor, patch));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "7", "seven.zero", "v7.0.1"})
  void parse_noVersion_isRefused(String text) {
    assertThatThrownBy(() -> EngineVersion.parse(Product.REDIS, text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "REDIS, 2.8.24, REDIS0006", "REDIS, 3.2.0, REDIS0007", "REDIS, 4.0.14, REDIS0008",
    "REDIS, 5.0.0, REDIS0009", "REDIS, 6.2.11, REDIS0009", "REDIS, 7.0.15, REDIS0010",
    "REDIS, 7.2.6, REDIS0011", "REDIS, 7.4.1, REDIS0012", "REDIS, 8.4.0, REDIS0012",
    "REDIS, 8.6.0, REDIS0013", "REDIS, 8.8.0, REDIS0014", "REDIS, 8.10.0, REDIS0015",
    "VALKEY, 7.2.5, REDIS0011", "VALKEY, 8.1.1, REDIS0011", "VALKEY, 9.0.0, VALKEY080",
    "VALKEY, 9.1.2, VALKEY080", "VALKEY, 9.2.0, VALKEY081"
  })
  void newestRdb_eachRelease_isWhatItWrites(Product product, String version, String magic) {
    EngineVersion engine = EngineVersion.parse(product, version);

    assertThat(engine.newestRdb()).isEqualTo(RdbVersion.parse(magic));
    assertThat(engine.accepts(engine.newestRdb())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "REDIS, 6.2.11, REDIS0009, true", "REDIS, 6.2.11, REDIS0010, false",
    "REDIS, 7.0.15, REDIS0010, true", "REDIS, 7.0.15, REDIS0011, false",
    "REDIS, 8.0.6, REDIS0012, true", "REDIS, 8.0.6, VALKEY080, false",
    "VALKEY, 8.1.1, REDIS0011, true", "VALKEY, 8.1.1, REDIS0012, false",
    "VALKEY, 8.1.1, VALKEY080, false", "VALKEY, 9.1.2, REDIS0011, true",
    "VALKEY, 9.1.2, REDIS0012, false", "VALKEY, 9.1.2, VALKEY080, true",
    "VALKEY, 9.1.2, VALKEY081, false"
  })
  void accepts_eachPairTried_isWhatTheServersDid(
      Product product, String version, String magic, boolean accepted) {
    assertThat(EngineVersion.parse(product, version).accepts(RdbVersion.parse(magic)))
        .isEqualTo(accepted);
  }

  /// Tried with the pairs that are at hand: 6.2 and 7.0, 7.0 and 8.0, Valkey 8.1 and 9.1.
  @ParameterizedTest
  @CsvSource({
    "REDIS 6.2.11, REDIS 7.0.15, false", "REDIS 7.0.15, REDIS 6.2.11, true",
    "REDIS 7.0.15, REDIS 8.0.2, false", "REDIS 7.4.1, REDIS 8.0.2, true",
    "REDIS 8.0.2, REDIS 8.0.2, true", "VALKEY 8.1.1, VALKEY 9.1.2, true",
    "VALKEY 9.1.2, VALKEY 9.1.2, true", "REDIS 7.2.6, VALKEY 9.1.2, true",
    "REDIS 7.0.15, VALKEY 8.1.1, false", "VALKEY 9.1.2, REDIS 7.4.1, false",
    "VALKEY 8.1.1, VALKEY 9.0.0, false", "VALKEY 7.2.5, VALKEY 9.0.3, false",
    "VALKEY 9.0.0, VALKEY 9.1.2, true", "VALKEY 9.1.2, VALKEY 9.0.0, true"
  })
  void canSyncFrom_eachPair_isWhetherItLoadsWhatItIsSent(
      String replica, String primary, boolean can) {
    assertThat(EngineVersion.named(replica).canSyncFrom(EngineVersion.named(primary)))
        .isEqualTo(can);
  }
}
