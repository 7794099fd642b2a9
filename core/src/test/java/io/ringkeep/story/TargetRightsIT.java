package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkeep.check.CheckLine;
import io.ringkeep.lookup.KeyName;
import io.ringkeep.lookup.Undelete;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.Secret;
import io.ringkeep.restore.Conflict;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestoreOptions;
import io.ringkeep.restore.RestorePlan;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.restore.TtlPolicy;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A restore asks for every right that it will need before it changes anything, and the lines that
/// it prints are enough.
class TargetRightsIT {
  private static final RestoreOptions PLAIN = RestoreOptions.PLAIN;
  private static final String LIBRARY =
      "#!lua name=mine\nredis.register_function('mine', function() return 1 end)";

  /// The smallest that servers take: longer values go as commands.
  private static final String SHORT_ARGUMENTS = "proto-max-bulk-len 1mb";

  /// A restore that needs a right which not every restore needs.
  private record Case(String right, Existing existing, Loader loader, RestoreOptions options) {}

  private static List<Case> cases() {
    RestoreOptions skip = PLAIN.with(to -> to.conflict(Conflict.SKIP));
    RestoreOptions delta = PLAIN.with(to -> to.delta(true));
    RestoreOptions others = delta.with(to -> to.surplus(true));
    RestoreOptions hot = PLAIN.with(to -> to.hotPercent(10));
    return List.of(
        new Case("restore", Existing.REPLACE, Loader.RESTORE, PLAIN),
        new Case("flushall", Existing.REPLACE, Loader.RESTORE, PLAIN),
        new Case("flushall", Existing.REPLACE, Loader.AUTO, hot),
        new Case("function|flush", Existing.REPLACE, Loader.RESTORE, PLAIN),
        new Case("rpush", Existing.REPLACE, Loader.RESTORE, PLAIN),
        new Case("rename", Existing.REPLACE, Loader.RESTORE, PLAIN),
        new Case("pexpireat", Existing.MERGE, Loader.AUTO, PLAIN),
        new Case("exists", Existing.MERGE, Loader.AUTO, skip),
        new Case("dump", Existing.MERGE, Loader.AUTO, delta),
        new Case("scan", Existing.MERGE, Loader.AUTO, others),
        new Case("unlink", Existing.MERGE, Loader.AUTO, others),
        new Case("replicaof", Existing.REPLACE, Loader.REPLICATION, PLAIN));
  }

  @Test
  void restore_byUserWhoLacksOneRight_isDeniedBeforeAnythingChangesAndTheLineHelps()
      throws Exception {
    try (TestServer source = withLongValue();
        TestServer target = TestServer.start(Engines.redis70(), SHORT_ARGUMENTS);
        Story story = Story.inMemory()) {
      story.backup(source.uri());
      target.text("SET", "mine", "1");
      target.text("FUNCTION", "LOAD", LIBRARY);
      Contents before = Oracle.read(target);
      for (Case one : cases()) {
        mender(target, "~*", "+@all", "-" + one.right());
        RestoreRequest request =
            mending(Story.restoreRequest(target.uri(), one.existing(), one.loader()))
                .with(one.options());

        AccessDenied denied =
            catchThrowableOfType(AccessDenied.class, () -> story.restore(request));

        assertThat(denied).as(one.toString()).hasMessageContaining("[+" + one.right() + "]");
        assertThat(before.differences(Oracle.read(target))).as(one.toString()).isEmpty();
        String hint = denied.hint().orElseThrow();
        assertThat(hint).endsWith("ACL SETUSER mender +" + one.right());
        target.call(hint.substring(hint.indexOf("ACL")).split(" ", -1));
        RestorePlan plan = Restore.plan(request, story.repository(), Story.CLOCK);
        assertThat(plan.crossing().byCommands() > 0).isEqualTo(one.loader() != Loader.REPLICATION);
      }
    }
  }

  @Test
  void restore_byUserWhoMayNotListFunctions_isToldALineThatIsEnoughForAllOfIt() throws Exception {
    try (TestServer source = withLongValue();
        TestServer target = TestServer.start(Engines.redis70(), SHORT_ARGUMENTS);
        Story story = Story.inMemory()) {
      source.text("FUNCTION", "LOAD", LIBRARY);
      story.backup(source.uri());
      target.text("SET", "mine", "1");
      target.text(
          "FUNCTION", "LOAD", "#!lua name=mine\nredis.register_function('g', function() end)");
      mender(target, "-@all", "~*", "+ping", "+info", "+multi", "+select", "+restore");
      RestoreRequest request =
          mending(Story.restoreRequest(target.uri(), Existing.REPLACE, Loader.RESTORE));

      BackupException.TargetRefused refused =
          catchThrowableOfType(BackupException.TargetRefused.class, () -> story.restore(request));
      assertThat(refused).hasMessageContaining("FUNCTION LIST is denied");
      String hint = refused.hint().orElseThrow();
      target.call(hint.substring(hint.indexOf("ACL")).split(" ", -1));
      story.restore(request);

      assertThat(target.text("EXISTS", "mine")).isEqualTo("0");
      assertThat(target.text("LLEN", "long")).isEqualTo("2");
      assertThat(Raw.describe(target.call("FUNCTION", "LIST")))
          .isEqualTo(Raw.describe(source.call("FUNCTION", "LIST")));
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void restore_byUserWithTheLineThatCheckPrints_doesAllThatItCanBeAskedFor(Engine engine)
      throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(engine, SHORT_ARGUMENTS);
        Story story = Story.inMemory()) {
      Dataset.of(5, 200).withoutFunctions().writeTo(source);
      writeLongValue(source);
      story.backup(source.uri());
      mender(target, "-@all", "+ping", "+info", "+multi");
      CheckLine rights = rights(story, target);
      assertThat(rights.level()).isEqualTo(CheckLine.Level.FAIL);
      target.call(rights.hint().orElseThrow().split(" ", -1));
      assertThat(rights(story, target).level()).isEqualTo(CheckLine.Level.OK);
      target.text("SET", "mine", "1");
      RestoreOptions dropping = PLAIN.with(to -> to.dropUnsupported(true));

      RestoreResult whole =
          story.restore(
              mending(Story.restoreRequest(target.uri(), Existing.REPLACE, Loader.RESTORE))
                  .with(dropping));
      target.text("SET", "mine", "1");
      target.text("DEL", "long");
      RestoreResult differences =
          story.restore(
              mending(Story.restoreRequest(target.uri(), Existing.MERGE, Loader.AUTO))
                  .with(dropping.with(to -> to.delta(true).surplus(true).undo(true))));
      target.text("DEL", "long");
      RestoreResult absent =
          story.restore(
              mending(Story.restoreRequest(target.uri(), Existing.MERGE, Loader.AUTO))
                  .with(dropping.with(to -> to.conflict(Conflict.SKIP))));

      assertThat(List.of(whole.proven(), differences.proven(), absent.proven())).containsOnly(true);
      assertThat(whole.plan().crossing().byCommands()).isPositive();
      assertThat(absent.records()).isEqualTo(1);
      assertThat(target.text("EXISTS", "mine")).isEqualTo("0");
      assertThat(target.text("LLEN", "long")).isEqualTo("2");
    }
  }

  @Test
  void plan_ofTargetThatCannotBeReadBack_saysSoBeforehand() throws Exception {
    try (TestServer source = withLongValue();
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      story.backup(source.uri());
      mender(target, "~*", "+@all", "-psync");

      RestoreResult restored =
          story.restore(mending(Story.restoreRequest(target.uri(), Existing.REFUSE, Loader.AUTO)));

      assertThat(restored.proven()).isFalse();
      assertThat(restored.plan().warnings())
          .anyMatch(line -> line.contains("will not be proven") && line.contains("[+psync]"));
    }
  }

  @Test
  void undelete_byUserWhoMayNotWriteValues_isDeniedBeforeTheFirstKey() throws Exception {
    try (TestServer source = withLongValue();
        TestServer target = TestServer.start(Engines.redis70(), SHORT_ARGUMENTS);
        Story story = Story.inMemory()) {
      source.text("SET", "a", "1");
      story.backup(source.uri());
      mender(target, "~*", "+@all", "-rename");
      Undelete.Request request =
          new Undelete.Request(
              "default",
              Optional.empty(),
              List.of(key("a"), key("long")),
              RedisUri.parse(target.uri()),
              mender(),
              Undelete.Present.REFUSE,
              new TtlPolicy.Absolute(),
              /* dropUnsupported= */ false);

      AccessDenied denied =
          catchThrowableOfType(
              AccessDenied.class, () -> Undelete.run(request, story.repository(), Story.CLOCK));

      assertThat(denied.hint().orElseThrow()).endsWith("ACL SETUSER mender +rename");
      assertThat(target.keys(0)).isZero();
      target.text("ACL", "SETUSER", "mender", "+rename");
      assertThat(Undelete.run(request, story.repository(), Story.CLOCK)).hasSize(2);
      assertThat(target.text("LLEN", "long")).isEqualTo("2");
    }
  }

  private static CheckLine rights(Story story, TestServer target) throws Exception {
    return Restore.check(
            mending(Story.restoreRequest(target.uri())), story.repository(), Story.CLOCK)
        .stream()
        .filter(line -> line.subject().endsWith("rights"))
        .findFirst()
        .orElseThrow();
  }

  private static KeyName key(String name) {
    return new KeyName(0, ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)));
  }

  private static TestServer withLongValue() {
    TestServer source = TestServer.start(Engines.redis70());
    source.text("SET", "theirs", "1");
    writeLongValue(source);
    return source;
  }

  private static void writeLongValue(TestServer source) {
    String element = "x".repeat(700_000);
    // Two that do not compress to less than a server's longest argument.
    source.text("CONFIG", "SET", "rdbcompression", "no");
    source.text("RPUSH", "long", element, element);
  }

  /// Gives the user these rights and no others.
  private static void mender(TestServer target, String... rights) {
    target.text("ACL", "SETUSER", "mender", "reset", "on", ">pass");
    for (String right : rights) {
      target.text("ACL", "SETUSER", "mender", right);
    }
  }

  private static ConnectionOptions mender() {
    return ConnectionOptions.DEFAULT
        .withUser(Optional.of("mender"))
        .withPassword(Optional.of(Secret.of("pass")));
  }

  private static RestoreRequest mending(RestoreRequest request) {
    return Story.as(mender(), request);
  }
}
