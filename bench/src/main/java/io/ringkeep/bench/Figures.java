package io.ringkeep.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Puts what a benchmark showed into its place in a document, between two comments.
final class Figures {
  private static final String END = "<!-- end of figures -->";

  private Figures() {}

  /// Replaces what stands between the comment that names `command` and the next end of figures.
  ///
  /// @param command such as `bench/run`
  /// @throws IOException if the document has no such place
  static void write(Path document, String command, String markdown) throws IOException {
    String before = Files.readString(document);
    String mark = "<!-- figures: written by %s -->".formatted(command);
    int begin = before.indexOf(mark);
    int end = begin < 0 ? -1 : before.indexOf(END, begin);
    if (end < 0) {
      throw new IOException("no place for figures of %s in %s".formatted(command, document));
    }
    Files.writeString(
        document,
        before.substring(0, begin + mark.length())
            + "\n\n"
            + markdown.strip()
            + "\n\n"
            + before.substring(end));
  }
}
