package io.ringkeep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.config.ConfigFile.NodeEntry;
import io.ringkeep.config.ConfigFile.Value;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.StorageNode.Tier;
import io.ringkeep.placement.Strategy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
  @TempDir Path folder;

  private ConfigFile read(String text) throws IOException {
    return read(text, Map.of());
  }

  private ConfigFile read(String text, Map<String, String> environment) throws IOException {
    Path file = Files.writeString(folder.resolve("ringkeep.yaml"), text);
    return ConfigFile.read(file, environment);
  }

  @Test
  void read_nodesAndCache_givesAllWithLines() throws IOException {
    ConfigFile config =
        read(
            """
            repository:
              strategy: erasure:4+2
              nodes:
                - {id: a, url: "file:///srv/a", weight: 1, zone: rack1, tier: local}
                - {id: b, url: "s3://bucket/prefix", weight: 2.5, zone: cloud, tier: remote}
                - id: c
                  url: sftp://u@h/c
            cache:
              name: orders
              source: redis://10.0.0.1:6379
            """);

    assertThat(config.strategy()).contains(Strategy.parse("erasure:4+2"));
    assertThat(config.nodes())
        .containsExactly(
            new NodeEntry(StorageNode.of("a").withZone("rack1"), "file:///srv/a", 4),
            new NodeEntry(
                StorageNode.of("b").withZone("cloud").withTier(Tier.REMOTE).withWeight(2.5),
                "s3://bucket/prefix",
                5),
            new NodeEntry(StorageNode.of("c"), "sftp://u@h/c", 6));
    assertThat(config.value(Setting.CACHE)).contains(new Value("orders", 9));
    assertThat(config.value(Setting.SOURCE)).contains(new Value("redis://10.0.0.1:6379", 10));
    assertThat(config.value(Setting.MAX_AGE)).isEmpty();
  }

  @Test
  void read_relativePaths_startFromTheFoldersFile() throws IOException {
    ConfigFile config =
        read(
            """
            repository:
              url: backup
              passphrase-file: ../p
            cache: {source-ca: /etc/ca.pem}
            """);

    assertThat(config.value(Setting.REPOSITORY).orElseThrow().text())
        .isEqualTo(folder.resolve("backup").toString());
    assertThat(config.value(Setting.PASSPHRASE_FILE).orElseThrow().text())
        .isEqualTo(folder.resolveSibling("p").toString());
    assertThat(config.value(Setting.SOURCE_CA).orElseThrow().text()).isEqualTo("/etc/ca.pem");
  }

  @Test
  void read_variables_areReplaced() throws IOException {
    assertThat(
            read("cache:\n  source: redis://${HOST}:${PORT}\n", Map.of("HOST", "h$1", "PORT", "6"))
                .value(Setting.SOURCE))
        .contains(new Value("redis://h$1:6", 2));
  }

  @Test
  void read_emptyFile_saysNothing() throws IOException {
    assertThat(read("# later\n").nodes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cache:\\n"
            + "  sorce: x                      | line 2: unknown key: cache.sorce | did you mean"
            + " source?",
        "cahce:\\n"
            + "  source: x                     | line 1: unknown key: cahce | did you mean cache?",
        "cache:\\n"
            + "  zzzzzzzz: x                   | line 2: unknown key: cache.zzzzzzzz | known here:"
            + " name,",
        "cache:\\n"
            + "  name: a\\n"
            + "  name: b           | line 3: a key stands twice: key=name firstLine=2 | ",
        "cache:\\n  name: [a]                     | line 2: one value is wanted here: key=name | ",
        "cache:\\n  name:                         | line 2: one value is wanted here: key=name | ",
        "cache: x                                 | line 1: keys are wanted below cache | one of"
            + " name,",
        "cache:\\n"
            + "  source: redis://${NO_SUCH}    | line 2: a variable is not set: variable=NO_SUCH |"
            + " export NO_SUCH=",
        "cache:\\n\\tname: x                      | line 2: no YAML: | indented",
        "repository:\\n  strategy: raid5          | line 2: 'raid5' is no strategy | erasure:4+2",
        "repository:\\n  nodes: []                | line 2: no node is named | name at least one",
        "repository:\\n  nodes: a                 | line 2: a list is wanted below nodes | dash",
        "repository:\\n  nodes:\\n  - {id: a}     | line 3: a node lacks its url | url:",
        "repository:\\n  nodes:\\n  - {url: /a}   | line 3: a node lacks its id | id:",
        "repository:\\n"
            + "  nodes:\\n"
            + "  - {id: a, url: /a, wieght: 1}  | line 3: unknown key: wieght | did you mean"
            + " weight?",
        "repository:\\n"
            + "  nodes:\\n"
            + "  - {id: a, url: /a, weight: x}  | line 3: a weight is a number: weight=x | such as",
        "repository:\\n"
            + "  nodes:\\n"
            + "  - {id: a, url: /a, weight: -1} | line 3: a weight lies between | ",
        "repository:\\n"
            + "  nodes:\\n"
            + "  - {id: a, url: /a, tier: far}  | line 3: a tier is local or remote: tier=far | ",
        "repository:\\n  nodes:\\n  - {id: a/b, url: /a}           | line 3: a node's id has | ",
        "repository:\\n"
            + "  nodes:\\n"
            + "  - {id: a, url: /a}\\n"
            + "  - {id: a, url: /b} | line 4: two nodes have the same id: id=a firstLine=3 | ",
        "repository:\\n"
            + "  nodes:\\n"
            + "  - {id: a, url: /a}\\n"
            + "  - {id: b, url: /a} | line 4: two nodes are the same place: nodes=a,b | ",
        "repository:\\n"
            + "  url: /x\\n"
            + "  nodes:\\n"
            + "  - {id: a, url: /a}  | line 2: a repository is one place or many nodes | keep one",
      })
  void read_whatIsWrong_isNamedByLineWithTheNextStep(String text, String message, String hint) {
    assertThatThrownBy(() -> read(text.replace("\\n", "\n").replace("\\t", "\t")))
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            refusal -> {
              assertThat(refusal.getMessage()).contains("ringkeep.yaml " + message);
              assertThat(refusal.hint().orElse("")).contains(hint == null ? "" : hint);
            });
  }

  @Test
  void read_noFile_isRefused() {
    assertThatThrownBy(() -> ConfigFile.read(folder.resolve("none.yaml"), Map.of()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("none.yaml");
  }

  @Test
  void settings_all_haveNamesOfTheirOwn() {
    Set<String> names = new HashSet<>();
    for (Setting setting : Setting.values()) {
      assertThat(names.add(setting.toString())).as(setting.toString()).isTrue();
      assertThat(names.add(setting.variable())).as(setting.variable()).isTrue();
    }
  }
}
