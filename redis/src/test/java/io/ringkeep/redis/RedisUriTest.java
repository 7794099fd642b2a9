package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.ServerRing;
import io.ringkeep.model.ServerRing.Member;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisUriTest {
  @Test
  void parse_oneServer_takesDefaults() {
    assertThat(RedisUri.parse("redis://cache"))
        .isEqualTo(
            new RedisUri(
                RedisUri.Kind.DIRECT,
                /* tls= */ false,
                Optional.empty(),
                List.of(new Endpoint("cache", 6379)),
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void parse_seedsWithUserAndTls_readsAll() {
    assertThat(RedisUri.parse("rediss://back%40up@a:1,[::1]:2,c/"))
        .isEqualTo(
            new RedisUri(
                RedisUri.Kind.DIRECT,
                /* tls= */ true,
                Optional.of("back@up"),
                List.of(new Endpoint("a", 1), new Endpoint("::1", 2), new Endpoint("c", 6379)),
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void parse_sentinels_readsNameAndTheirPort() {
    assertThat(RedisUri.parse("redis-sentinel://s1,s2:5000/orders"))
        .isEqualTo(
            new RedisUri(
                RedisUri.Kind.SENTINEL,
                /* tls= */ false,
                Optional.empty(),
                List.of(new Endpoint("s1", 26379), new Endpoint("s2", 5000)),
                Optional.empty(),
                Optional.of("orders")));
  }

  @Test
  void parse_ring_readsServersAndWeights() {
    RedisUri ring =
        RedisUri.parse(
            "rediss-ketama://u@a,b:7000=b,c:7000:3,[::1]:7001:2=x%2F%20y/twemproxy/md5/{}");

    assertThat(ring.kind()).isEqualTo(RedisUri.Kind.KETAMA);
    assertThat(ring.tls()).isTrue();
    assertThat(ring.endpoints())
        .containsExactly(
            new Endpoint("a", 6379),
            new Endpoint("b", 7000),
            new Endpoint("c", 7000),
            new Endpoint("::1", 7001));
    assertThat(ring.ring())
        .contains(
            new ServerRing(
                ServerRing.Client.TWEMPROXY,
                ServerRing.Hash.MD5,
                "{}",
                List.of(
                    Member.of("a", 6379),
                    new Member("b", 7000, 1, Optional.of("b")),
                    new Member("c", 7000, 3, Optional.empty()),
                    new Member("::1", 7001, 2, Optional.of("x/ y")))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://u@a:1,b:2",
        "redis-ketama://u@a:1,b:2:3/twemproxy",
        "redis-ketama://u@a:1,b:2:3=%2Fx%25,[::1]:4=z:1/jedis/murmur64/{}",
        "redis-ketama://a:1/twemproxy/crc32/%2F%3D",
        "rediss://[::1]:7000",
        "redis-sentinel://s:1/m.1",
        "redis://a+b@h:1"
      })
  void toString_parsed_isTheUrl(String url) {
    assertThat(RedisUri.parse(url)).hasToString(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://:hunter2@host:1",
        "redis://user:hunter2@host:1",
        "rediss://user:@host:1",
        "redis-sentinel://user:hunter2@host:1/name",
        "redis://user:hun@ter2@host:1"
      })
  void parse_password_isRefusedWithoutRepeatingIt(String url) {
    InvalidRequest refusal = catchThrowableOfType(InvalidRequest.class, () -> RedisUri.parse(url));

    assertThat(refusal).hasMessage("a server URL must not hold a password");
    assertThat(refusal.hint().orElseThrow()).contains("RINGKEEP_SOURCE_PASSWORD");
    assertThat(refusal + refusal.hint().orElseThrow()).doesNotContain("hunter2", "ter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "host:6379",
        "http://host",
        "redis:/host",
        "redis://",
        "redis://host/0",
        "redis://host?db=1",
        "redis://@host",
        "redis://%zz@host",
        "redis-sentinel://host",
        "redis-sentinel://host/",
        "redis-sentinel://host/a/b",
        "redis://a,,b",
        "redis://a:1:2",
        "redis-ketama://a:1",
        "redis-ketama://a:1/",
        "redis-ketama://a:1,a:1:2/twemproxy",
        "redis-ketama://a:1:0/twemproxy",
        "redis-ketama://a:1:-2/twemproxy",
        "redis-ketama://a:1=/twemproxy",
        "redis-ketama://=a/twemproxy",
        "redis-ketama://a:1/name",
        "redis-ketama://a:1/twemproxy/",
        "redis-ketama://a:1/twemproxy/sha1",
        "redis-ketama://a:1/twemproxy/md5/{",
        "redis-ketama://a:1/twemproxy?hash=md5",
        "REDIS://host"
      })
  void parse_malformed_isRefused(String url) {
    assertThatThrownBy(() -> RedisUri.parse(url)).isInstanceOf(InvalidRequest.class);
  }

  @ParameterizedTest
  @CsvSource({"rediss://u@h, u, true", "redis://h, default, false"})
  void forUri_optionsWithoutUserAndTls_takeThemFromTheUrl(String url, String user, boolean tls) {
    ConnectionOptions options = ConnectionOptions.DEFAULT.forUri(RedisUri.parse(url));

    assertThat(options.effectiveUser()).isEqualTo(user);
    assertThat(options.tls().isPresent()).isEqualTo(tls);
  }

  @Test
  void forUri_tlsFilesButPlainUrl_isRefused() {
    ConnectionOptions options = ConnectionOptions.DEFAULT.withTls(Optional.of(TlsFiles.none()));

    assertThatThrownBy(() -> options.forUri(RedisUri.parse("redis://h")))
        .isInstanceOf(InvalidRequest.class);
  }

  @Test
  void forUri_twoUsers_isRefused() {
    ConnectionOptions options = ConnectionOptions.DEFAULT.withUser(Optional.of("a"));

    assertThat(options.forUri(RedisUri.parse("redis://a@h")).effectiveUser()).isEqualTo("a");
    assertThatThrownBy(() -> options.forUri(RedisUri.parse("redis://b@h")))
        .isInstanceOf(InvalidRequest.class);
  }
}
