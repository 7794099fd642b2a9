package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.cli.session.Screen;
import io.ringkeep.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A file of settings, as commands see it.
class ConfigTest {
  @TempDir Path folder;
  private Screen screen = new Screen();

  private int run(String... args) {
    return new CommandRunner(screen.console(), Clock.systemUTC(), () -> 0).run(args);
  }

  private String config(String text) throws IOException {
    return Files.writeString(folder.resolve("ringkeep.yaml"), text).toString();
  }

  private String withPassphrase(String rest) throws IOException {
    Files.writeString(folder.resolve("passphrase"), "correct horse\n");
    return config("repository:\n  url: backup\n  passphrase-file: passphrase\n" + rest);
  }

  /// What `config explain` says of a setting: value, then origin.
  private String explained(String setting, String... args) {
    screen = screen.variable("RINGKEEP_UNRELATED", "x");
    assertThat(run(args)).as(screen.err()).isZero();
    return screen
        .out()
        .lines()
        .filter(line -> line.startsWith(setting + " "))
        .map(line -> line.substring(setting.length()).strip().replaceAll(" {2,}", "|"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void commands_withAFile_needNoOtherOption() throws IOException {
    String file = withPassphrase("cache:\n  name: orders\n  max-age: 26h\n");

    assertThat(run("init", "-c", file)).as(screen.err()).isZero();
    assertThat(folder.resolve("backup/REPOSITORY")).exists();
    assertThat(run("-c", file, "list")).as(screen.err()).isZero();
    assertThat(run("--config=" + file, "passphrase", "list")).as(screen.err()).isZero();
    screen = new Screen().variable("RINGKEEP_CONFIG", file);
    assertThat(run("list")).as(screen.err()).isZero();
  }

  @Test
  void options_winOverEnvironmentOverFileOverDefault() throws IOException {
    String file = config("cache:\n  max-lag: 1s\n");
    assertThat(explained("cache.max-lag", "config", "explain")).isEqualTo("10.0 s|default");
    screen = new Screen();
    assertThat(explained("cache.max-lag", "config", "explain", "-c", file))
        .isEqualTo("1s|" + file + " line 2");
    screen = new Screen().variable("RINGKEEP_MAX_LAG", "2s");
    assertThat(explained("cache.max-lag", "config", "explain", "-c", file))
        .isEqualTo("2s|$RINGKEEP_MAX_LAG");
    screen = new Screen().variable("RINGKEEP_MAX_LAG", "2s");
    assertThat(explained("cache.max-lag", "config", "explain", "-c", file, "--max-lag", "3s"))
        .isEqualTo("3s|--max-lag");
  }

  @Test
  void repository_ofOptionOrEnvironment_winsOverTheFile() throws IOException {
    String file = withPassphrase("");
    String other = folder.resolve("other").toString();
    assertThat(run("init", "-c", file, "-r", other)).as(screen.err()).isZero();
    assertThat(folder.resolve("other/REPOSITORY")).exists();
    assertThat(folder.resolve("backup")).doesNotExist();
    screen = new Screen().variable("RINGKEEP_REPOSITORY", other);
    assertThat(run("list", "-c", file)).as(screen.err()).isZero();
    assertThat(run("list", "-c", file, "-r", folder.resolve("none").toString())).isEqualTo(3);
  }

  @Test
  void passphrase_ofTheEnvironment_winsOverTheFiles() throws IOException {
    String file = withPassphrase("");
    run("init", "-c", file);
    screen = new Screen().variable("RINGKEEP_PASSPHRASE", "another");
    assertThat(run("list", "-c", file)).isEqualTo(5);
  }

  @Test
  void explain_secrets_areNeverShown() throws IOException {
    String file = withPassphrase("cache:\n  source: redis://me:hunter2@10.0.0.1:6379\n");
    screen =
        new Screen()
            .variable("RINGKEEP_PASSPHRASE", "hunter2")
            .variable("RINGKEEP_SOURCE_PASSWORD", "hunter2");
    for (String output : new String[] {"text", "json"}) {
      assertThat(run("config", "explain", "-c", file, "--output", output)).isZero();
    }
    assertThat(screen.out())
        .contains("$RINGKEEP_PASSPHRASE", "$RINGKEEP_SOURCE_PASSWORD", "redis://***@10.0.0.1:6379")
        .doesNotContain("hunter2", "correct horse");
  }

  @Test
  void explain_nodes_areShownWithTheirLines() throws IOException {
    String file =
        config(
            """
            repository:
              strategy: copy:2
              nodes:
                - {id: a, url: a, zone: rack1}
                - {id: b, url: "s3://bucket/prefix?region=eu-central-1", weight: 2, tier: remote}
            """);
    assertThat(run("config", "explain", "-c", file, "--output", "json")).isZero();
    JsonNode json = JsonMapper.shared().readTree(screen.out());
    assertThat(json.get("strategy").asString()).isEqualTo("copy:2");
    assertThat(json.get("nodes").get(0).get("url").asString())
        .isEqualTo(folder.resolve("a").toString());
    assertThat(json.get("nodes").get(1).get("weight").asDouble()).isEqualTo(2);
    assertThat(json.get("nodes").get(1).get("line").asInt()).isEqualTo(5);
    assertThat(json.get("settings").get(0).get("value").asString()).isEqualTo("2 nodes");
  }

  @Test
  void commands_badValueInTheFile_nameItsLine() throws IOException {
    String file = config("cache:\n  source: redis://h\n  max-lag: soon\n");
    assertThat(run("backup", "-c", file, "-r", "x")).isEqualTo(2);
    assertThat(screen.err()).contains("--max-lag").contains(file + " line 3");
    screen = new Screen();
    assertThat(run("config", "explain", "-c", file)).isEqualTo(2);
    assertThat(screen.err()).contains(file + " line 3");
  }

  @Test
  void commands_unknownKey_endWithTheNearestOne() throws IOException {
    String file = config("cache:\n  sorce: redis://h\n");
    assertThat(run("list", "-c", file)).isEqualTo(2);
    assertThat(screen.err())
        .isEqualTo(
            "ringkeep: "
                + file
                + " line 2: unknown key: cache.sorce\nhint: did you mean source?\n");
    screen = new Screen();
    assertThat(run("list", "-c", folder.resolve("none.yaml").toString())).isEqualTo(2);
    screen = new Screen();
    assertThat(run("list", "--output", "json", "-c", file)).isEqualTo(2);
    assertThat(JsonMapper.shared().readTree(screen.err()).get("exitCode").asInt()).isEqualTo(2);
  }

  @Test
  void settings_all_areInTheirDocument() throws IOException {
    String document =
        Files.readString(Path.of(System.getProperty("ringkeep.root"), "docs/settings.md"));
    for (Setting setting : Setting.values()) {
      assertThat(document).contains("`" + setting.key() + "`");
    }
  }

  @Test
  void settings_ofOneCommand_areNoneOfAnother() throws IOException {
    String file =
        withPassphrase("cache:\n  limit: 1MiB/s\n  max-age: 1s\nrestore:\n  target: redis://h\n");
    run("init", "-c", file);
    assertThat(run("status", "-c", file)).as("max-age: no snapshot").isEqualTo(1);
    assertThat(run("check", "-c", file)).as("no target is tested" + screen.out()).isZero();
    assertThat(run("list", "-c", file)).isZero();
  }
}
