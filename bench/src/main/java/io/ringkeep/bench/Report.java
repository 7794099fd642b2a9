package io.ringkeep.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What a run showed: JSON to keep, and the tables of `docs/benchmarks.md` made from it.
final class Report {
  private final List<Comparison> comparisons = new ArrayList<>();
  private final Map<String, List<Size>> sizes = new LinkedHashMap<>();

  /// A size that was seen, and what it is held against.
  ///
  /// @param name what has this size
  /// @param bytes the size
  /// @param note its relation to something else
  record Size(String name, long bytes, String note) {}

  void add(Comparison comparison) {
    comparisons.add(comparison);
  }

  void add(String workload, Size size) {
    sizes.computeIfAbsent(workload, name -> new ArrayList<>()).add(size);
  }

  /// Writes everything as JSON.
  void writeJson(Path file) throws IOException {
    ObjectMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("comparisons", comparisons);
    report.put("sizes", sizes);
    Files.writeString(file, mapper.writeValueAsString(report) + "\n");
  }

  /// The tables as Markdown.
  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("| measured | ours, median s | held against | its median s | ratio | target | |\n");
    text.append("|---|---|---|---|---|---|---|\n");
    for (Comparison comparison : comparisons) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s: %s | %.2f | %s | %.2f | **%.2f** | ≤ %.1f | %s |\n",
              comparison.name(),
              comparison.ours(),
              comparison.ourMedian(),
              comparison.other(),
              comparison.otherMedian(),
              comparison.ratio(),
              comparison.target(),
              comparison.met() ? "met" : "missed"));
    }
    text.append("\n| workload | size of | MiB | |\n|---|---|---|---|\n");
    sizes.forEach((workload, rows) -> {
      for (Size size : rows) {
        text.append(
            String.format(
                Locale.ROOT,
                "| %s | %s | %.1f | %s |\n",
                workload,
                size.name(),
                size.bytes() / 1048576.0,
                size.note()));
      }
    });
    return text.toString();
  }

  /// Puts the tables between their markers in `document`.
  void writeInto(Path document) throws IOException {
    Figures.write(document, "bench/run", markdown());
  }
}
