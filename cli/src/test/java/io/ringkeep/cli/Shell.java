package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.cli.session.Screen;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Runs whole command lines on one repository in this process: a start of Java for each would take
/// most of a test's time.
final class Shell {
  private final List<String> place;
  private final Map<String, String> environment;

  Shell(String repository, String passphrase) {
    this(
        List.of("-r", repository),
        Map.of("RINGKEEP_PASSPHRASE", passphrase, "XDG_CACHE_HOME", Launcher.localFolder()));
  }

  private Shell(List<String> place, Map<String, String> environment) {
    this.place = place;
    this.environment = Map.copyOf(environment);
  }

  /// One on the repository that a file of settings names.
  static Shell configured(String settings, String passphrase) {
    return new Shell(
        List.of("-c", settings),
        Map.of("RINGKEEP_PASSPHRASE", passphrase, "XDG_CACHE_HOME", Launcher.localFolder()));
  }

  /// One in whose environment this is set, too.
  Shell variable(String name, String value) {
    Map<String, String> more = new HashMap<>(environment);
    more.put(name, value);
    return new Shell(place, more);
  }

  Launcher.Ended run(String... args) {
    Screen screen = new Screen();
    environment.forEach(screen::variable);
    List<String> words = new ArrayList<>(Arrays.asList(args));
    words.addAll(place);
    int exitCode =
        new CommandRunner(screen.console(), Clock.systemUTC(), System::nanoTime)
            .run(words.toArray(String[]::new));
    return new Launcher.Ended(exitCode, screen.out(), screen.err());
  }

  /// Runs a command that must succeed.
  Launcher.Ended succeed(String... args) {
    Launcher.Ended ended = run(args);
    assertThat(ended.exitCode()).as("%s: %s", List.of(args), ended).isZero();
    return ended;
  }

  /// Runs a command that must end with this status, with a message and a next step.
  Launcher.Ended fail(int exitCode, String... args) {
    Launcher.Ended ended = run(args);
    assertThat(ended.exitCode()).as("%s: %s", List.of(args), ended).isEqualTo(exitCode);
    assertThat(ended.err()).contains("ringkeep: ").contains("hint: ").doesNotContain("\tat ");
    return ended;
  }

  /// The answer of a command, whatever its status.
  JsonNode json(String... args) {
    List<String> words = new ArrayList<>(Arrays.asList(args));
    words.addAll(List.of("--output", "json"));
    Launcher.Ended ended = run(words.toArray(String[]::new));
    assertThat(ended.err()).as("%s", List.of(args)).isEmpty();
    return JsonMapper.shared().readTree(ended.out());
  }
}
