package io.ringkeep.repository.json;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;

/// Reads and writes documents: records whose property `format` is an integer.
///
/// FORMAT: one JSON object in UTF-8, properties in the order of the record's components, instants
/// as ISO 8601 in UTC, bytes as Base64.
///
/// A *checked* document is for files that no object's seal protects. It is one line, ends with a
/// line feed, and its last property is `crc32c`: the CRC32C of all bytes before `,"crc32c":`, in 8
/// hex digits. All formats keep this, so that a reader can tell a newer document from a damaged
/// one.
///
/// VALIDITY: properties are those of the format, each once, none null. A new property is a new
/// format.
public final class Json {
  private static final String HINT = "run 'verify' to learn what is affected, and use another copy";

  /// Checked documents are what it takes to open a repository.
  private static final String CHECKED_HINT =
      "all snapshots need this file: bring it back from another copy of the repository";

  private static final String CRC = ",\"crc32c\":\"%08x\"}\n";
  private static final int CRC_BYTES = CRC.formatted(0).length();

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(
              DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
              DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              text -> {
                text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                text.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                text.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
              })
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private Json() {}

  /// A document's bytes.
  public static ByteBuffer write(Object document) {
    return ByteBuffer.wrap(MAPPER.writeValueAsBytes(document));
  }

  /// Reads a document.
  ///
  /// @param name for messages
  /// @param newestFormat the newest `format` that `type` can hold
  /// @throws UnsupportedFormat if it is of a newer format
  /// @throws CorruptData if it is not such a document
  public static <T> T read(String name, ByteBuffer bytes, int newestFormat, Class<T> type) {
    byte[] text = new byte[bytes.remaining()];
    bytes.get(bytes.position(), text);
    return parse(name, text, newestFormat, type, HINT);
  }

  /// Turns a document of an older format into one of the newest.
  @FunctionalInterface
  public interface Upgrade {
    /// Adds what the newest format has and this one has not.
    ///
    /// @throws IllegalArgumentException if the document has what its format has not
    void apply(ObjectNode document, int format);
  }

  /// Reads a document of any format up to the newest one.
  ///
  /// @throws UnsupportedFormat if it is of a newer format
  /// @throws CorruptData if it is not such a document
  public static <T> T read(
      String name, ByteBuffer bytes, int newestFormat, Class<T> type, Upgrade upgrade) {
    byte[] text = new byte[bytes.remaining()];
    bytes.get(bytes.position(), text);
    return parse(name, text, newestFormat, type, HINT, upgrade);
  }

  /// A checked document's bytes.
  public static ByteBuffer writeChecked(Object document) {
    byte[] json = MAPPER.writeValueAsBytes(document);
    byte[] body = Arrays.copyOf(json, json.length - 1);
    return ByteBuffer.allocate(body.length + CRC_BYTES).put(body).put(check(body)).flip();
  }

  /// Whether the checksum of a checked document is right.
  public static boolean checksumMatches(ByteBuffer bytes) {
    int bodyBytes = bytes.remaining() - CRC_BYTES;
    if (bodyBytes < 1) {
      return false;
    }
    byte[] body = new byte[bodyBytes];
    byte[] expected = new byte[CRC_BYTES];
    bytes.duplicate().get(body).get(expected);
    return Arrays.equals(expected, check(body));
  }

  /// Reads a checked document.
  ///
  /// @throws UnsupportedFormat if it is of a newer format
  /// @throws CorruptData if it is not such a document, or damaged
  public static <T> T readChecked(String name, ByteBuffer bytes, int newestFormat, Class<T> type) {
    int bodyBytes = bytes.remaining() - CRC_BYTES;
    if (bodyBytes < 1) {
      throw new CorruptData(
          "document is truncated: file=%s bytes=%d".formatted(name, bytes.remaining()),
          CHECKED_HINT,
          null);
    }
    byte[] body = new byte[bodyBytes];
    byte[] expected = new byte[CRC_BYTES];
    bytes.duplicate().get(body).get(expected);
    byte[] actual = check(body);
    if (!Arrays.equals(expected, actual)) {
      throw new CorruptData(
          "document checksum mismatch: file=%s expected=%s actual=%s"
              .formatted(name, printable(expected), printable(actual)),
          CHECKED_HINT,
          null);
    }
    byte[] json = Arrays.copyOf(body, bodyBytes + 1);
    json[bodyBytes] = '}';
    return parse(name, json, newestFormat, type, CHECKED_HINT);
  }

  private static <T> T parse(
      String name, byte[] json, int newestFormat, Class<T> type, String hint) {
    return parse(name, json, newestFormat, type, hint, (_, _) -> {});
  }

  private static <T> T parse(
      String name, byte[] json, int newestFormat, Class<T> type, String hint, Upgrade upgrade) {
    try {
      JsonNode document = MAPPER.readTree(json);
      JsonNode format = document.path("format");
      if (format.isIntegralNumber() && format.asLong() > newestFormat) {
        throw new UnsupportedFormat(
            "document is of a newer format: file=%s format=%d newest=%d"
                .formatted(name, format.asLong(), newestFormat),
            "use a newer version of Ringkeep");
      }
      if (!format.isInt() || format.asInt() < 1) {
        throw new CorruptData("document has no format: file=" + name, hint, null);
      }
      if (format.asInt() < newestFormat && document instanceof ObjectNode older) {
        upgrade.apply(older, format.asInt());
      }
      return MAPPER.treeToValue(document, type);
    } catch (IllegalArgumentException e) {
      throw new CorruptData(
          "document has what its format has not: file=%s reason=%s".formatted(name, e.getMessage()),
          hint,
          null);
    } catch (JacksonException e) {
      // The text itself may hold a secret, so only Jackson's own words are kept.
      throw new CorruptData(
          "document cannot be read: file=%s reason=%s".formatted(name, e.getOriginalMessage()),
          hint,
          null);
    }
  }

  private static byte[] check(byte[] body) {
    CRC32C crc = new CRC32C();
    crc.update(body);
    return CRC.formatted((int) crc.getValue()).getBytes(StandardCharsets.US_ASCII);
  }

  private static String printable(byte[] check) {
    return new String(check, StandardCharsets.US_ASCII).replaceAll("[^ -~]", "?");
  }
}
