package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.redis.AclAdvice.Missing;
import io.ringkeep.redis.AclAdvice.Purpose;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AclAdviceIT {
  private static final ConnectionOptions KEEPER =
      ConnectionOptions.DEFAULT
          .withUser(Optional.of("keeper"))
          .withPassword(Optional.of(Secret.of("open sesame")));

  private static Missing missing(TestServer server, Purpose purpose) {
    return AclAdvice.missing(new Endpoint(server.host(), server.port()), KEEPER, purpose);
  }

  private static List<String> all(Missing missing) {
    List<String> all = new ArrayList<>(missing.needed());
    all.addAll(missing.helpful());
    return all;
  }

  private static TestServer start(Engine engine) {
    TestServer server = TestServer.start(engine);
    server.call("ACL", "SETUSER", "keeper", "on", ">open sesame");
    return server;
  }

  private static EngineVersion version(Engine engine) {
    return EngineVersion.parse(
        EngineVersion.Product.valueOf(engine.product().name()), engine.version());
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void missing_eachRightTakenAway_isNamedAloneAndNothingIsRun(Engine engine) {
    try (TestServer server = start(engine)) {
      server.call("SET", "k", "v");
      for (Purpose purpose : Purpose.values()) {
        String line =
            AclAdvice.grant("keeper", purpose, version(engine), /* clusterEnabled= */ true);
        String[] words = line.split(" ", -1);
        List<String> rights = Arrays.asList(words).subList(3, words.length);
        server.call("ACL", "SETUSER", "keeper", "resetkeys", "-@all");
        assertThat(server.text(words)).isEqualTo("OK");

        Missing nothing = missing(server, purpose);
        assertThat(nothing.none()).as(purpose + " after " + line).isTrue();
        assertThat(all(nothing)).isEmpty();
        assertThat(nothing.unknown()).isEmpty();

        for (String right : rights) {
          // A cluster's rights are not asked for where there is none.
          if (!right.equals("+multi") && !right.startsWith("+cluster")) {
            server.call("ACL", "SETUSER", "keeper", "resetkeys", "-@all");
            for (String other : rights) {
              if (!other.equals(right)) {
                server.call("ACL", "SETUSER", "keeper", other);
              }
            }
            assertThat(all(missing(server, purpose))).as(purpose.toString()).containsExactly(right);
          }
        }
      }
      assertThat(server.keys(0)).isEqualTo(1);
      assertThat(server.info("stats")).containsEntry("sync_full", "0");
      assertThat(server.info("replication")).containsEntry("role", "master");
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void missing_noRights_namesThemAndIsUntested(Engine engine) {
    try (TestServer server = start(engine)) {
      Missing missing = missing(server, Purpose.CAPTURE);

      assertThat(missing.tested()).isFalse();
      assertThat(missing.none()).isFalse();
      assertThat(missing.needed()).contains("+multi");
    }
  }

  @Test
  void missing_commandRenamed_isUnknown() {
    try (TestServer server =
        TestServer.start(Engines.redis70(), "rename-command REPLICAOF renamed-replicaof")) {
      server.call("ACL", "SETUSER", "keeper", "on", ">open sesame", "+@all");

      assertThat(missing(server, Purpose.RESTORE_BY_REPLICATION).unknown())
          .containsExactly("replicaof");
    }
  }

  @Test
  void grant_eachPurpose_isOneLine() {
    EngineVersion redis62 = EngineVersion.parse(EngineVersion.Product.REDIS, "6.2.11");

    assertThat(AclAdvice.grant("keeper", Purpose.CAPTURE, redis62, /* clusterEnabled= */ false))
        .isEqualTo("ACL SETUSER keeper +ping +info +replconf +psync +acl|list +multi +config|get");
    assertThat(
            AclAdvice.grant(
                "keeper", Purpose.RESTORE_BY_COMMANDS, redis62, /* clusterEnabled= */ true))
        .startsWith("ACL SETUSER keeper ~* +ping +info +select +restore ")
        .endsWith(" +cluster|nodes +cluster|slots");
  }
}
