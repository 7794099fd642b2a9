package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.cli.session.Screen;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whole command lines that need no server.
class CommandRunnerTest {
  private static final Instant NOW = Instant.parse("2026-11-23T03:15:01Z");

  @TempDir Path folder;
  private Screen screen = new Screen().variable("RINGKEEP_PASSPHRASE", "correct horse");

  private int run(String... args) {
    return new CommandRunner(screen.console(), Clock.fixed(NOW, ZoneOffset.UTC), () -> 0).run(args);
  }

  /// The same with another screen, which keeps the passphrase.
  private int runAnew(String... args) {
    screen = new Screen().variable("RINGKEEP_PASSPHRASE", "correct horse");
    return run(args);
  }

  private String repository() {
    return folder.resolve("repository").toString();
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  @Test
  void run_initThenListAndStatus_knowTheRepository() {
    assertThat(run("init", "-r", repository())).isZero();
    assertThat(screen.out()).contains("made repository").contains("If the passphrase is lost");
    assertThat(runAnew("list", "-r", repository())).isZero();
    assertThat(screen.out()).isEqualTo("no snapshots yet\n");
    assertThat(runAnew("status", "-r", repository())).isZero();
    assertThat(runAnew("status", "-r", repository(), "--max-age", "26h")).isEqualTo(1);
  }

  @Test
  void run_globalOptions_workBeforeAndAfterTheVerb() {
    assertThat(run("-r", repository(), "--output", "json", "init")).isZero();
    assertThat(json(screen.out()).get("encryption").asString()).isEqualTo("AES-256-GCM");
    assertThat(runAnew("list", "-r", repository(), "--output", "json")).isZero();
    assertThat(json(screen.out()).isArray()).isTrue();
    assertThat(runAnew("-r", repository(), "list", "--output=json")).isZero();
    assertThat(json(screen.out()).isArray()).isTrue();
    assertThat(runAnew("--output", "json", "list", "-r", repository())).isZero();
    assertThat(json(screen.out()).isArray()).isTrue();
  }

  @Test
  void run_repositoryFromEnvironment_isTakenWithoutTheOption() {
    screen.variable("RINGKEEP_REPOSITORY", repository());
    assertThat(run("init")).isZero();
  }

  @Test
  void run_initTwice_isRefused() {
    run("init", "-r", repository());
    assertThat(runAnew("init", "-r", repository())).isEqualTo(2);
    assertThat(screen.err()).startsWith("ringkeep: ");
  }

  @Test
  void run_wrongPassphrase_isDeniedAndNotRepeated() {
    run("init", "-r", repository());
    screen = new Screen().variable("RINGKEEP_PASSPHRASE", "battery staple");

    assertThat(run("list", "-r", repository())).isEqualTo(5);
    assertThat(screen.out()).isEmpty();
    assertThat(screen.err()).startsWith("ringkeep: ").contains("\nhint: ").doesNotContain("staple");
  }

  @Test
  void run_noRepositoryThere_isNotFound() {
    assertThat(run("list", "-r", repository())).isEqualTo(3);
  }

  @Test
  void run_failureWithJson_isAnObjectOnStandardError() {
    assertThat(run("list", "-r", repository(), "--output", "json")).isEqualTo(3);
    assertThat(screen.out()).isEmpty();
    JsonNode error = json(screen.err());
    assertThat(error.get("error").asString()).isEqualTo("not-found");
    assertThat(error.get("exitCode").asInt()).isEqualTo(3);
    assertThat(error.get("message").asString()).isNotEmpty();
  }

  @Test
  void run_usageErrorWithJson_isAnObjectToo() {
    assertThat(run("--output", "json", "backup", "-r", repository())).isEqualTo(2);
    assertThat(json(screen.err()).get("error").asString()).isEqualTo("invalid-request");
    assertThat(json(screen.err()).get("message").asString()).contains("--source");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "backp",
        "list --no-such-option",
        "backup --source redis://h --limit 50MiB",
        "backup --source redis://h --max-lag 10",
        "backup --source redis://h --from somewhere",
        "restore --target redis://h --existing REPLACE",
        "backup",
        "list extra",
        "list --output yaml",
        "list -r a -r b",
        "import",
        "passphrase",
        ""
      })
  void run_wrongArguments_exitWith2AndTheNextStep(String line) {
    assertThat(run(line.isEmpty() ? new String[0] : line.split(" ", -1))).isEqualTo(2);
    assertThat(screen.out()).isEmpty();
    assertThat(screen.err()).isNotEmpty();
  }

  @Test
  void run_misspeltVerb_suggestsTheRightOne() {
    run("backp");
    assertThat(screen.err())
        .isEqualTo("ringkeep: unknown argument: backp\nhint: did you mean backup?\n");
  }

  @Test
  void run_passwordInUrl_isRefusedWithoutRepeatingIt() {
    run("init", "-r", repository());
    for (String verb :
        new String[] {"backup --source", "restore --yes --target", "check --source"}) {
      screen = new Screen().variable("RINGKEEP_PASSPHRASE", "correct horse");
      String[] args = (verb + " redis://me:hunter2@127.0.0.1:1 -r " + repository()).split(" ", -1);

      assertThat(run(args)).isEqualTo(2);
      assertThat(screen.err()).contains("_PASSWORD").doesNotContain("hunter2");
    }
  }

  @Test
  void run_unreachableServer_isUnavailable() {
    run("init", "-r", repository());
    assertThat(runAnew("backup", "-r", repository(), "--source", "redis://127.0.0.1:1"))
        .isEqualTo(4);
    assertThat(screen.err()).contains("127.0.0.1:1");
  }

  @Test
  void run_quiet_printsOnlyWhatNeedsAttention() {
    assertThat(run("init", "-q", "-r", repository())).isZero();
    assertThat(screen.out() + screen.err()).isEmpty();
    assertThat(runAnew("status", "-q", "-r", repository(), "--max-age", "26h")).isEqualTo(1);
    assertThat(screen.out()).as("what cron mails").isEqualTo("no snapshots yet\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "help-of backup", "help-of passphrase add"})
  void run_help_goesToStandardOutput(String line) {
    String[] args =
        line.startsWith("help-of ")
            ? (line.substring(8) + " --help").split(" ", -1)
            : new String[] {line};
    assertThat(run(args)).isZero();
    assertThat(screen.out()).contains("Example:");
    assertThat(screen.err()).isEmpty();
  }

  @Test
  void run_version_namesProductAndJava() {
    assertThat(run("--version")).isZero();
    assertThat(screen.out()).startsWith("ringkeep ").contains("Java 2");
  }

  @Test
  void run_completion_isAScriptThatKnowsTheVerbs() {
    assertThat(run("completion")).isZero();
    assertThat(screen.out()).contains("complete -F").contains("passphrase").contains("--max-age");
  }

  @Test
  void run_passphraseCommands_addListChangeAndRemove() {
    run("init", "-r", repository());
    screen =
        new Screen()
            .variable("RINGKEEP_PASSPHRASE", "correct horse")
            .variable("RINGKEEP_NEW_PASSPHRASE", "battery staple");
    assertThat(run("passphrase", "add", "--label", "colleague", "-r", repository())).isZero();
    screen = new Screen().variable("RINGKEEP_PASSPHRASE", "battery staple");
    assertThat(run("passphrase", "list", "-r", repository(), "--output", "json")).isZero();
    JsonNode keys = json(screen.out());
    assertThat(keys.size()).isEqualTo(2);
    assertThat(keys.findValuesAsString("label")).contains("colleague");
    for (JsonNode key : keys) {
      runAnew("passphrase", "remove", key.get("id").asString(), "-r", repository());
    }
    assertThat(screen.err()).as("the last passphrase stays").startsWith("ringkeep: ");
  }
}
