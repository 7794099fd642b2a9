package io.ringkeep.repository.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
  record Document(int format, String zebra, Instant at, List<String> apples, long count) {}

  private static final Document DOCUMENT =
      new Document(1, "ü\"\n", Instant.parse("2026-11-23T06:00:00.123456789Z"), List.of("b"), 7);
  private static final String TEXT =
      "{\"format\":1,\"zebra\":\"ü\\\"\\n\",\"at\":\"2026-11-23T06:00:00.123456789Z\","
          + "\"apples\":[\"b\"],\"count\":7}";

  @Test
  void write_record_keepsTheOrderOfComponents() {
    assertThat(text(Json.write(DOCUMENT))).isEqualTo(TEXT);
    assertThat(Json.read("f", bytes(TEXT), 1, Document.class)).isEqualTo(DOCUMENT);
  }

  @Test
  void writeChecked_record_endsWithItsChecksum() {
    String body = TEXT.substring(0, TEXT.length() - 1);
    CRC32C crc = new CRC32C();
    crc.update(bytes(body));

    assertThat(text(Json.writeChecked(DOCUMENT)))
        .isEqualTo(body + ",\"crc32c\":\"%08x\"}\n".formatted(crc.getValue()));
    assertThat(Json.readChecked("f", Json.writeChecked(DOCUMENT), 1, Document.class))
        .isEqualTo(DOCUMENT);
  }

  @Test
  void readChecked_anyBitFlippedOrByteMissing_isCorrupt() {
    byte[] original = Json.writeChecked(DOCUMENT).array();
    for (int bit = 0; bit < original.length * 8; bit++) {
      byte[] damaged = original.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThatThrownBy(() -> Json.readChecked("f", ByteBuffer.wrap(damaged), 1, Document.class))
          .isInstanceOf(CorruptData.class)
          .hasMessageContaining("file=f");
    }
    for (int length = 0; length < original.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(original, 0, length);
      assertThatThrownBy(() -> Json.readChecked("f", cut, 1, Document.class))
          .isInstanceOf(CorruptData.class);
    }
  }

  @Test
  void read_newerFormat_isNamedWhateverElseItHas() {
    assertThatThrownBy(() -> Json.read("f", bytes("{\"new\":{},\"format\":3}"), 2, Document.class))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessage("document is of a newer format: file=f format=3 newest=2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          unknown property   | "count":7        | "count":7,"more":1
          missing property   | ,"count":7       | ''
          repeated property  | "count":7        | "count":7,"count":7
          null               | ["b"]            | null
          fraction           | "count":7        | "count":7.5
          text for a number  | "count":7        | "count":"7"
          number for a text  | ["b"]            | [1]
          no format          | "format":1,      | ''
          format as text     | "format":1,      | "format":"1",
          format zero        | "format":1,      | "format":0,
          not an instant     | 2026-11-23T      | yesterday
          something behind   | "count":7}       | "count":7} x
          not an object      | {"format"        | [{"format"
          comment            | "count":7        | /* seven */ "count":7
          """)
  void read_notOfItsFormat_isCorrupt(String what, String found, String replacement) {
    String changed = TEXT.replace(found, replacement);

    assertThat(changed).as(what).isNotEqualTo(TEXT);
    assertThatThrownBy(() -> Json.read("f", bytes(changed), 1, Document.class))
        .as(what)
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("file=f");
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private static String text(ByteBuffer bytes) {
    return UTF_8.decode(bytes.duplicate()).toString();
  }
}
