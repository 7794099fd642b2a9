package io.ringkeep.config;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A file of settings that was read and found to be well formed.
public final class ConfigFile {
  private final Path path;
  private final Map<Setting, Value> values;
  private final List<NodeEntry> nodes;
  private final Optional<Strategy> strategy;
  private final OptionalInt nodesLine;

  ConfigFile(
      Path path,
      Map<Setting, Value> values,
      List<NodeEntry> nodes,
      Optional<Strategy> strategy,
      OptionalInt nodesLine) {
    this.path = path;
    this.values = new EnumMap<>(Setting.class);
    this.values.putAll(values);
    this.nodes = List.copyOf(nodes);
    this.strategy = strategy;
    this.nodesLine = nodesLine;
  }

  /// What the file says for a setting.
  ///
  /// @param text the value; a relative path of a file starts from the folder of the file already
  /// @param line from 1
  public record Value(String text, int line) {}

  /// A storage node of the file.
  ///
  /// @param node what it is to be
  /// @param url where it is
  /// @param line from 1
  public record NodeEntry(StorageNode node, String url, int line) {}

  /// Reads a file.
  ///
  /// @param environment variables that `${NAME}` stands for
  /// @throws InvalidRequest if it is not there, no YAML, or says something that is not known; the
  ///   message names the line
  public static ConfigFile read(Path file, Map<String, String> environment) {
    String text;
    try {
      text = Files.readString(file);
    } catch (MalformedInputException e) {
      throw new InvalidRequest("the file of settings is not UTF-8 text: file=" + file, null);
    } catch (IOException e) {
      throw new InvalidRequest(
          "can't read the file of settings: file=" + file,
          "does it exist, and may this user read it?");
    }
    return new ConfigReader(file, environment).read(text);
  }

  /// Where it was read from.
  public Path path() {
    return path;
  }

  /// What it says for a setting, if anything.
  public Optional<Value> value(Setting setting) {
    return Optional.ofNullable(values.get(setting));
  }

  /// The storage nodes, in their order; none for a repository in a single place.
  public List<NodeEntry> nodes() {
    return nodes;
  }

  /// The line where they begin.
  public OptionalInt nodesLine() {
    return nodesLine;
  }

  /// How a new repository on these nodes spreads what it stores.
  public Optional<Strategy> strategy() {
    return strategy;
  }

  /// A place in it, for messages: `ringkeep.yaml line 7`.
  public String place(int line) {
    return "%s line %d".formatted(path, line);
  }
}
