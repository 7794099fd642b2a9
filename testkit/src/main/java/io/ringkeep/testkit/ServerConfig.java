package io.ringkeep.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The lines of a server's configuration file. A name set again replaces what it was, except those
/// that may stand several times.
final class ServerConfig {
  private static final List<String> REPEATABLE =
      List.of("user", "rename-command", "loadmodule", "sentinel", "client-output-buffer-limit");

  private final Map<String, List<String>> lines = new LinkedHashMap<>();

  void set(String name, String... values) {
    List<String> words = new ArrayList<>();
    words.add(name);
    for (String value : values) {
      words.add(quote(value));
    }
    String line = String.join(" ", words);
    List<String> linesOfName = lines.computeIfAbsent(name, _ -> new ArrayList<>());
    if (!REPEATABLE.contains(name)) {
      linesOfName.clear();
    }
    linesOfName.add(line);
  }

  void write(Path file) {
    try {
      Files.write(file, lines.values().stream().flatMap(List::stream).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String quote(String value) {
    return value.isEmpty() || value.matches(".*[\\s\"'\\\\].*")
        ? '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"'
        : value;
  }
}
