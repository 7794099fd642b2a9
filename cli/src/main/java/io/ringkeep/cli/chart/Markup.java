package io.ringkeep.cli.chart;

/// Text in SVG and HTML documents.
public final class Markup {
  private Markup() {}

  /// The text, such that no reader takes any of it for markup, in an attribute neither.
  public static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
