package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.InvalidRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
  @ParameterizedTest
  @CsvSource({
    "cache-1.example.net:6380, cache-1.example.net, 6380",
    "10.0.0.1:1, 10.0.0.1, 1",
    "[::1]:7000, ::1, 7000",
    "[fe80::1%eth0]:65535, fe80::1%eth0, 65535"
  })
  void parse_hostAndPort_readsBothAndPrintsThem(String text, String host, int port) {
    Endpoint endpoint = Endpoint.parse(text);

    assertThat(endpoint).isEqualTo(new Endpoint(host, port));
    assertThat(endpoint).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({"cache, cache", "[::1], ::1"})
  void parse_noPort_takesTheDefault(String text, String host) {
    assertThat(Endpoint.parse(text, 26379)).isEqualTo(new Endpoint(host, 26379));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":6379",
        "host:",
        "host:0",
        "host:65536",
        "host:6379x",
        "host:-1",
        "::1:6379",
        "[::1",
        "[::1]6379",
        "[]:6379",
        "ho st:1",
        "user@host:1",
        "host:99999999999"
      })
  void parse_malformed_isRefused(String text) {
    assertThatThrownBy(() -> Endpoint.parse(text, 6379)).isInstanceOf(InvalidRequest.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "[::1]"})
  void parse_portRequiredAndAbsent_isRefused(String text) {
    assertThatThrownBy(() -> Endpoint.parse(text)).isInstanceOf(InvalidRequest.class);
  }

  @Test
  void secret_printed_showsNothing() {
    Secret secret = Secret.of("open sesame");

    assertThat(secret.reveal()).isEqualTo("open sesame");
    assertThat(secret).hasToString("***");
  }
}
