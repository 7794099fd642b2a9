package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringkeep.model.BackupException;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestoreOptions;
import io.ringkeep.restore.RestorePlan;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestServer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A snapshot of one engine is restored onto another that does not take its bytes.
class OtherEngineIT {

  /// From, to, and whether anything is lost on the way.
  static Stream<Arguments> pairs() {
    Optional<Engine> redis80 = Engines.redis80();
    Optional<Engine> valkey9 = Engines.valkey9();
    return Stream.of(
            redis80.flatMap(from -> valkey9.map(to -> Arguments.of(from, to, false))),
            valkey9.map(from -> Arguments.of(from, Engines.redis70(), true)),
            Optional.of(Arguments.of(Engines.redis70(), Engines.redis62(), true)))
        .flatMap(Optional::stream);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void restore_ontoAnotherEngine_isEqualInAllItCanHoldAndListsTheRest(
      Engine from, Engine to, boolean loses) throws Exception {
    try (TestServer source = TestServer.start(from);
        TestServer target = TestServer.start(to);
        Story story = Story.inMemory()) {
      Dataset.of(21, 300).withoutFunctions().writeTo(source);
      story.backup(source.uri());
      RestoreRequest request = Story.restoreRequest(target.uri());

      if (loses) {
        BackupException.TargetRefused refused =
            catchThrowableOfType(BackupException.TargetRefused.class, () -> story.restore(request));
        assertThat(refused.exitCode()).isEqualTo(10);
        assertThat(target.keys(0)).isZero();
      }
      RestorePlan plan =
          Restore.plan(
              request.with(RestoreOptions.PLAIN.with(but -> but.dropUnsupported(true))),
              story.repository(),
              Story.CLOCK);
      assertThat(plan.crossing().loses()).isEqualTo(loses);
      assertThat(plan.crossing().examples()).hasSize(loses ? examples(plan) : 0);
      assertThat(plan.crossing().byCommands()).isPositive();
      RestoreResult restored =
          story.restore(request.with(RestoreOptions.PLAIN.with(but -> but.dropUnsupported(true))));

      assertThat(restored.proven()).isTrue();
      if (!loses) {
        assertThat(fieldExpiries(target)).isEqualTo(fieldExpiries(source));
      }
      // Each engine digests fields that expire in its own way: made persistent, they compare.
      persistFields(source);
      persistFields(target);
      assertThat(
              Oracle.readPortable(List.of(source))
                  .differences(Oracle.readPortable(List.of(target))))
          .isEmpty();
    }
  }

  /// All expiries of fields, as each server tells them.
  private static String fieldExpiries(TestServer server) {
    return Raw.describe(
        server.call(
            "EVAL",
            """
            local found = {}
            for _, key in ipairs(redis.call('KEYS', '*')) do
              if redis.call('TYPE', key).ok == 'hash' then
                for _, field in ipairs(redis.call('HKEYS', key)) do
                  local at = redis.call('HPEXPIRETIME', key, 'FIELDS', 1, field)[1]
                  if at and at > 0 then found[#found + 1] = key .. ' ' .. field .. ' ' .. at end
                end
              end
            end
            table.sort(found)
            return redis.sha1hex(table.concat(found, ',')) .. ' ' .. #found
            """,
            "0"));
  }

  private static void persistFields(TestServer server) {
    if (server.engine().hasFieldExpiry()) {
      for (String database : List.of("0", "3", "15")) {
        server.call(
            "EVAL",
            """
            redis.call('SELECT', ARGV[1])
            for _, key in ipairs(redis.call('KEYS', '*')) do
              if redis.call('TYPE', key).ok == 'hash' then
                for _, field in ipairs(redis.call('HKEYS', key)) do
                  redis.call('HPERSIST', key, 'FIELDS', 1, field)
                end
              end
            end
            """,
            "0",
            database);
      }
    }
  }

  private static int examples(RestorePlan plan) {
    long lost = plan.crossing().losses().values().stream().mapToLong(Long::longValue).sum();
    return (int) Math.min(lost, 100);
  }

  @Test
  void restore_functionsOntoAnEngineWithout_areLeftOutOnlyIfToldSo() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis62());
        Story story = Story.inMemory()) {
      source.text("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() end)");
      source.text("SET", "a", "1");
      story.backup(source.uri());

      BackupException.TargetRefused refused =
          catchThrowableOfType(
              BackupException.TargetRefused.class, () -> story.restore(target.uri()));
      assertThat(refused.getMessage()).contains("functions");
      RestoreResult restored =
          story.restore(
              Story.restoreRequest(target.uri())
                  .with(RestoreOptions.PLAIN.with(but -> but.dropUnsupported(true))));

      assertThat(restored.proven()).isTrue();
      assertThat(target.text("GET", "a")).isEqualTo("1");
    }
  }

  @Test
  void restore_valueLargerThanOneArgument_isWrittenAsCommands() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70(), "proto-max-bulk-len 1mb");
        Story story = Story.inMemory()) {
      source.text("CONFIG", "SET", "rdbcompression", "no");
      source.call(
          "EVAL",
          "for i = 1, 60000 do redis.call('HSET', 'large', 'field:' .. i, 'value of some length '"
              + " .. i) redis.call('RPUSH', 'list', 'element of some length ' .. i) end",
          "0");
      source.text("SET", "small", "1");
      story.backup(source.uri());

      RestoreResult restored =
          story.restore(Story.restoreRequest(target.uri(), Existing.REFUSE, Loader.RESTORE));

      assertThat(restored.plan().crossing().byCommands()).isEqualTo(2);
      assertThat(restored.proven()).isTrue();
      assertThat(Oracle.read(source).differences(Oracle.read(target))).isEmpty();
      assertThat(target.keys(0)).isEqualTo(3);
    }
  }

  @Test
  void restore_stringLargerThanOneArgument_isListedAndRefused() throws Exception {
    try (TestServer source = TestServer.start(Engines.redis70());
        TestServer target = TestServer.start(Engines.redis70(), "proto-max-bulk-len 1mb");
        Story story = Story.inMemory()) {
      source.text("CONFIG", "SET", "rdbcompression", "no");
      source.text("SETRANGE", "huge", "2000000", "x");
      source.text("SET", "small", "1");
      story.backup(source.uri());
      RestoreRequest request = Story.restoreRequest(target.uri(), Existing.REFUSE, Loader.RESTORE);

      BackupException.TargetRefused refused =
          catchThrowableOfType(BackupException.TargetRefused.class, () -> story.restore(request));
      assertThat(refused.getMessage()).contains("key=huge");
      RestoreResult restored =
          story.restore(request.with(RestoreOptions.PLAIN.with(but -> but.dropUnsupported(true))));

      assertThat(restored.proven()).isTrue();
      assertThat(restored.records()).isEqualTo(1);
      assertThat(target.keys(0)).isEqualTo(1);
    }
  }

  @Test
  void restore_moduleValuesOntoATargetWithout_areLeftOutOnlyIfToldSo() throws Exception {
    Optional<Engine> withVectorSets = Engines.redis80();
    assumeTrue(withVectorSets.isPresent(), "Redis 8.0 could not be had");
    try (TestServer source = TestServer.start(withVectorSets.get());
        TestServer target = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      assumeTrue(
          source.info("modules").containsKey("module"), "this build of Redis 8 has no vector sets");
      source.call("VADD", "vectors", "VALUES", "3", "0.1", "0.2", "0.3", "one");
      source.text("SET", "a", "1");
      story.backup(source.uri());

      RestoreResult restored =
          story.restore(
              Story.restoreRequest(target.uri())
                  .with(RestoreOptions.PLAIN.with(but -> but.dropUnsupported(true))));

      assertThat(restored.proven()).isTrue();
      assertThat(target.keys(0)).isEqualTo(1);
    }
  }
}
