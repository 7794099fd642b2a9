package io.ringkeep.config;

import io.ringkeep.config.ConfigFile.NodeEntry;
import io.ringkeep.config.ConfigFile.Value;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.StorageNode.State;
import io.ringkeep.placement.StorageNode.Tier;
import io.ringkeep.placement.Strategy;
import io.ringkeep.store.url.StoreUrl;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads the settings out of the nodes of a YAML document. Used once.
final class ConfigReader {
  private static final String REPOSITORY = "repository";
  private static final String NODES = "nodes";
  private static final String STRATEGY = "strategy";
  private static final String ID = "id";
  private static final String URL = "url";
  private static final Set<String> OF_A_NODE =
      new LinkedHashSet<>(List.of(ID, URL, "weight", "zone", "tier"));

  private final Path file;
  private final Yaml yaml;
  private final Map<Setting, Value> values = new EnumMap<>(Setting.class);
  private final List<NodeEntry> nodes = new ArrayList<>();
  private Optional<Strategy> strategy = Optional.empty();
  private OptionalInt nodesLine = OptionalInt.empty();

  ConfigReader(Path file, Map<String, String> environment) {
    this.file = file;
    this.yaml = new Yaml(file, environment);
  }

  ConfigFile read(String text) {
    Map<String, Set<String>> known = new LinkedHashMap<>();
    for (Setting setting : Setting.values()) {
      known.computeIfAbsent(setting.section(), _ -> new LinkedHashSet<>()).add(setting.key());
    }
    Set<String> ofRepository = known.computeIfAbsent(REPOSITORY, _ -> new LinkedHashSet<>());
    ofRepository.add(STRATEGY);
    ofRepository.add(NODES);
    for (Yaml.Entry section : yaml.document(text, known.keySet())) {
      for (Yaml.Entry entry : section.entries(known.getOrDefault(section.key(), Set.of()))) {
        if (section.key().equals(REPOSITORY) && entry.key().equals(NODES)) {
          nodesLine = OptionalInt.of(entry.line());
          entry.items().forEach(this::node);
        } else if (section.key().equals(REPOSITORY) && entry.key().equals(STRATEGY)) {
          strategy = Optional.of(strategy(entry));
        } else {
          setting(section, entry);
        }
      }
    }
    requireOnePlace();
    return new ConfigFile(file, values, nodes, strategy, nodesLine);
  }

  private void setting(Yaml.Entry section, Yaml.Entry entry) {
    Setting setting =
        Arrays.stream(Setting.values())
            .filter(one -> one.section().equals(section.key()) && one.key().equals(entry.key()))
            .findFirst()
            .orElseThrow();
    String text = entry.text();
    String value =
        switch (setting.kind()) {
          case TEXT -> text;
          case FILE -> beside(entry, text);
          case PLACE -> place(entry, text);
        };
    values.put(setting, new Value(value, entry.line()));
  }

  private Strategy strategy(Yaml.Entry entry) {
    try {
      return Strategy.parse(entry.text());
    } catch (IllegalArgumentException e) {
      throw wrong(entry.line(), String.valueOf(e.getMessage()), "such as erasure:4+2 or copy:3");
    }
  }

  private void node(Yaml.Entry item) {
    Map<String, Yaml.Entry> given = new HashMap<>();
    item.entries(OF_A_NODE).forEach(entry -> given.put(entry.key(), entry));
    String id = required(item, given, ID).text();
    Yaml.Entry url = required(item, given, URL);
    StorageNode node;
    try {
      node =
          new StorageNode(
              id,
              weight(given.get("weight")),
              Optional.ofNullable(given.get("zone")).map(Yaml.Entry::text).orElse(id),
              tier(given.get("tier")),
              State.ACTIVE);
    } catch (IllegalArgumentException e) {
      throw wrong(item.line(), String.valueOf(e.getMessage()), null);
    }
    String place = place(url, url.text());
    for (NodeEntry other : nodes) {
      if (other.node().id().equals(id)) {
        throw wrong(
            item.line(),
            "two nodes have the same id: id=%s firstLine=%d".formatted(id, other.line()),
            "give each node an id of its own");
      }
      if (StoreUrl.parse(other.url()).toString().equals(StoreUrl.parse(place).toString())) {
        throw wrong(
            item.line(),
            "two nodes are the same place: nodes=%s,%s".formatted(other.node().id(), id),
            "what is lost there would be lost twice: give each node a place of its own");
      }
    }
    nodes.add(new NodeEntry(node, place, item.line()));
  }

  private Yaml.Entry required(Yaml.Entry item, Map<String, Yaml.Entry> given, String key) {
    Yaml.@Nullable Entry entry = given.get(key);
    if (entry == null) {
      throw wrong(
          item.line(),
          "a node lacks its " + key,
          "write - {id: a, url: file:///srv/a, weight: 1, zone: rack1, tier: local}");
    }
    return entry;
  }

  private double weight(Yaml.@Nullable Entry entry) {
    if (entry == null) {
      return 1;
    }
    try {
      return Double.parseDouble(entry.text());
    } catch (NumberFormatException e) {
      throw wrong(entry.line(), "a weight is a number: weight=" + entry.text(), "such as 1 or 2.5");
    }
  }

  private Tier tier(Yaml.@Nullable Entry entry) {
    if (entry == null) {
      return Tier.LOCAL;
    }
    return switch (entry.text()) {
      case "local" -> Tier.LOCAL;
      case "remote" -> Tier.REMOTE;
      default ->
          throw wrong(
              entry.line(), "a tier is local or remote: tier=" + entry.text(), "local is nearer");
    };
  }

  private void requireOnePlace() {
    Value single = values.get(Setting.REPOSITORY);
    if (single != null && nodesLine.isPresent()) {
      throw wrong(
          single.line(),
          "a repository is one place or many nodes: both url and nodes are given",
          "keep one of them");
    }
    if (nodesLine.isPresent() && nodes.isEmpty()) {
      throw wrong(nodesLine.getAsInt(), "no node is named", "name at least one");
    }
  }

  private String place(Yaml.Entry entry, String text) {
    return text.matches("[A-Za-z][A-Za-z0-9+.-]+://.*") ? text : beside(entry, text);
  }

  /// A path that starts from the folder of the file, whatever folder the command runs in.
  private String beside(Yaml.Entry entry, String text) {
    try {
      return file.toAbsolutePath().resolveSibling(text).normalize().toString();
    } catch (InvalidPathException e) {
      throw wrong(entry.line(), "no path: " + entry.key(), null);
    }
  }

  private InvalidRequest wrong(int line, String what, @Nullable String hint) {
    return yaml.wrong(line, what, hint);
  }

  /// The known word that is nearest to another one, if any is near.
  static Optional<String> nearest(String word, Set<String> known) {
    Map<String, Integer> distances =
        known.stream().collect(Collectors.toMap(one -> one, one -> distance(word, one)));
    return distances.entrySet().stream()
        .filter(entry -> entry.getValue() <= Math.max(2, word.length() / 3))
        .min(
            Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey);
  }

  /// Levenshtein's: letters to insert, delete or replace.
  private static int distance(String a, String b) {
    int[] before = new int[b.length() + 1];
    Arrays.setAll(before, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int[] now = new int[b.length() + 1];
      now[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = before[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        now[j] = Stream.of(replace, before[j] + 1, now[j - 1] + 1).min(Integer::compare).get();
      }
      before = now;
    }
    return before[b.length()];
  }
}
