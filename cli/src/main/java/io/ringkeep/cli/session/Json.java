package io.ringkeep.cli.session;

import java.io.PrintStream;
import java.time.Duration;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Writes answers as JSON: fields in the order of the record, times in ISO 8601, absent values left
/// out.
public final class Json {
  private Json() {}

  /// `value` as indented JSON without a last line break.
  public static String text(Object value) {
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsString(value);
  }

  /// The fields of `view`, and one more behind them.
  public static Object with(Object view, String name, Object value) {
    ObjectNode extended = JsonMapper.shared().valueToTree(view);
    extended.set(name, JsonMapper.shared().valueToTree(value));
    return extended;
  }

  /// Writes one value piece by piece to `out`, which stays open.
  public static JsonGenerator generator(PrintStream out) {
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writerWithDefaultPrettyPrinter()
        .without(StreamWriteFeature.AUTO_CLOSE_TARGET)
        .createGenerator(out);
  }

  /// Seconds to the millisecond, as every duration stands in an answer.
  public static double seconds(Duration duration) {
    return duration.toMillis() / 1_000.0;
  }
}
