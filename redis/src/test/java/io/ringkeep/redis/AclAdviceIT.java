package io.ringkeep.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.redis.AclAdvice.Missing;
import io.ringkeep.redis.command.Ability;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AclAdviceIT {
  private static final ConnectionOptions KEEPER =
      ConnectionOptions.DEFAULT
          .withUser(Optional.of("keeper"))
          .withPassword(Optional.of(Secret.of("open sesame")));

  private static Missing missing(TestServer server, Job job) {
    return AclAdvice.missing(endpoint(server), KEEPER, Set.of(job), Set.of());
  }

  private static Endpoint endpoint(TestServer server) {
    return new Endpoint(server.host(), server.port());
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

  /// All that are asked for where the server can do them, and those of its own.
  private static Set<Job> jobs(EngineVersion engine) {
    Set<Job> jobs =
        EnumSet.complementOf(
            EnumSet.of(
                Job.WRITE_CONSUMERS,
                Job.WRITE_CONSUMERS_BY_READING,
                Job.WRITE_FIELD_EXPIRIES,
                Job.WRITE_ARRAYS));
    jobs.addAll(Ability.of(engine, Integer.MAX_VALUE).writing());
    return jobs;
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#all")
  void missing_eachRightTakenAway_isNamedAloneAndNothingIsRun(Engine engine) {
    try (TestServer server = start(engine)) {
      server.call("SET", "k", "v");
      for (Job job : jobs(version(engine))) {
        String line =
            AclAdvice.grant("keeper", Set.of(job), version(engine), /* clusterEnabled= */ true);
        String[] words = line.split(" ", -1);
        List<String> rights = Arrays.asList(words).subList(3, words.length);
        server.call("ACL", "SETUSER", "keeper", "resetkeys", "-@all");
        assertThat(server.text(words)).isEqualTo("OK");

        Missing nothing = missing(server, job);
        assertThat(nothing.none()).as(job + " after " + line).isTrue();
        assertThat(all(nothing)).isEmpty();
        assertThat(nothing.unknown()).isEmpty();

        for (String right : rights) {
          // A cluster's rights are not asked for where there is none.
          if (!right.equals("+multi")
              && !right.startsWith("+cluster")
              && !right.equals("+readonly")) {
            List<String> others = new ArrayList<>(List.of("resetkeys", "-@all"));
            others.addAll(rights);
            others.remove(right);
            server.call(AclAdvice.line("keeper", others).split(" ", -1));
            assertThat(all(missing(server, job))).as(job.toString()).containsExactly(right);
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
      Missing missing = missing(server, Job.CAPTURE);

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

      assertThat(missing(server, Job.RESTORE_BY_REPLICATION).unknown())
          .containsExactly("replicaof");
    }
  }

  @Test
  void grant_ofAJob_isOneLine() {
    EngineVersion redis62 = EngineVersion.parse(EngineVersion.Product.REDIS, "6.2.11");

    assertThat(AclAdvice.grant("keeper", Set.of(Job.CAPTURE), redis62, /* clusterEnabled= */ false))
        .isEqualTo("ACL SETUSER keeper +ping +info +replconf +psync +acl|list +config|get +multi");
    assertThat(
            AclAdvice.grant(
                "keeper", Set.of(Job.RESTORE_BY_COMMANDS), redis62, /* clusterEnabled= */ true))
        .startsWith("ACL SETUSER keeper ~* +ping +info +select +restore ")
        .endsWith(" +cluster|nodes +cluster|slots +multi");
  }

  @Test
  void require_ofWhatLacks_namesTheLineThatHelpsAndWhatNoLineHelpsWith() {
    try (TestServer server =
        TestServer.start(Engines.redis70(), "rename-command FLUSHALL empty-all")) {
      Set<Job> jobs = Set.of(Job.RESTORE_BY_COMMANDS, Job.FIND_KEYS, Job.EMPTY);
      server.call("ACL", "SETUSER", "keeper", "on", ">open sesame", "~*", "+@all");
      server.call("ACL", "SETUSER", "keeper", "-exists", "-restore");

      AccessDenied denied =
          catchThrowableOfType(
              AccessDenied.class, () -> AclAdvice.require(endpoint(server), KEEPER, jobs));
      String hint = denied.hint().orElseThrow();
      assertThat(hint).endsWith("grant them with: ACL SETUSER keeper +restore +exists");
      server.call(hint.substring(hint.indexOf("ACL")).split(" ", -1));
      TargetRefused renamed =
          catchThrowableOfType(
              TargetRefused.class, () -> AclAdvice.require(endpoint(server), KEEPER, jobs));

      assertThat(renamed).hasMessageContaining("unknown=[flushall]");
    }
  }
}
