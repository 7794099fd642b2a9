package io.ringkeep.config;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// A YAML document whose every part knows its line; no part becomes an object of any class.
final class Yaml {
  private static final int LONGEST_FILE = 1 << 20;
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)\\}");

  private final Path file;
  private final Map<String, String> environment;

  /// @param environment variables that `${NAME}` stands for
  Yaml(Path file, Map<String, String> environment) {
    this.file = file;
    this.environment = environment;
  }

  /// The entries of the document, whose keys are all known.
  List<Entry> document(String text, Set<String> known) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(file.toString()).setCodePointLimit(LONGEST_FILE).build();
    Optional<Node> root;
    try {
      root = new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      throw wrong(
          e.getProblemMark().map(Mark::getLine).orElse(0) + 1,
          "no YAML: " + e.getProblem(),
          "is everything indented and quoted as it should be?");
    } catch (YamlEngineException e) {
      throw new InvalidRequest("no YAML: file=" + file, null);
    }
    return root.map(node -> new Entry("", node).entries(known)).orElse(List.of());
  }

  InvalidRequest wrong(int line, String what, @Nullable String hint) {
    return new InvalidRequest("%s line %d: %s".formatted(file, line, what), hint);
  }

  /// A key and what stands behind it, or an item of a list, without a key.
  final class Entry {
    private final String key;
    private final Node node;

    private Entry(String key, Node node) {
      this.key = key;
      this.node = node;
    }

    String key() {
      return key;
    }

    /// From 1.
    int line() {
      return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
    }

    /// What stands behind it, if that is one value; `${NAME}` is replaced.
    String text() {
      if (!(node instanceof ScalarNode scalar) || scalar.getValue().isEmpty()) {
        throw wrong(line(), "one value is wanted here: key=" + key, null);
      }
      return VARIABLE.matcher(scalar.getValue()).replaceAll(this::variable);
    }

    private String variable(MatchResult match) {
      String name = match.group(1);
      String value = environment.get(name);
      if (value == null) {
        throw wrong(line(), "a variable is not set: variable=" + name, "export " + name + "=…");
      }
      return Matcher.quoteReplacement(value);
    }

    /// The entries behind it, whose keys are all known.
    List<Entry> entries(Set<String> known) {
      if (!(node instanceof MappingNode mapping)) {
        throw wrong(
            line(),
            key.isEmpty() ? "keys are wanted here" : "keys are wanted below " + key,
            "one of " + String.join(", ", known));
      }
      Map<String, Integer> lines = new HashMap<>();
      List<Entry> entries = new ArrayList<>();
      for (NodeTuple tuple : mapping.getValue()) {
        int line = tuple.getKeyNode().getStartMark().map(Mark::getLine).orElse(0) + 1;
        String name = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
        if (!known.contains(name)) {
          throw wrong(
              line,
              "unknown key: " + (key.isEmpty() ? name : key + "." + name),
              ConfigReader.nearest(name, known)
                  .map(near -> "did you mean " + near + "?")
                  .orElse("known here: " + String.join(", ", known)));
        }
        Integer before = lines.put(name, line);
        if (before != null) {
          throw wrong(
              line, "a key stands twice: key=%s firstLine=%d".formatted(name, before), null);
        }
        entries.add(new Entry(name, tuple.getValueNode()));
      }
      return entries;
    }

    /// The items behind it.
    List<Entry> items() {
      if (!(node instanceof SequenceNode sequence)) {
        throw wrong(line(), "a list is wanted below " + key, "write each item after a dash");
      }
      return sequence.getValue().stream().map(item -> new Entry("", item)).toList();
    }
  }
}
