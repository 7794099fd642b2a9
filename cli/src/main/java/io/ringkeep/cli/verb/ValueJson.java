package io.ringkeep.cli.verb;

import io.ringkeep.lookup.Part;
import io.ringkeep.redis.EscapedText;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.ValueVisitor;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/// Writes the parts of a value as JSON.
///
/// A string that is UTF-8 is a JSON string, any other `{"base64": …, "length": …}`. A list and a
/// set are arrays; the others are arrays of objects, since names need not be UTF-8 either. A stream
/// and an array are objects with such arrays in them.
final class ValueJson implements Consumer<Part> {
  private final JsonGenerator json;
  private final LogicalType type;
  private boolean entriesEnded;

  ValueJson(JsonGenerator json, LogicalType type) {
    this.json = json;
    this.type = type;
  }

  /// To be called before the first part.
  void begin() {
    json.writeName("value");
    switch (type) {
      case STRING, MODULE -> {}
      case LIST, SET, SORTED_SET, HASH -> json.writeStartArray();
      case STREAM -> {
        json.writeStartObject();
        json.writeArrayPropertyStart("entries");
      }
      case ARRAY -> {
        json.writeStartObject();
        json.writeArrayPropertyStart("elements");
      }
    }
  }

  /// To be called behind the last part.
  void end() {
    switch (type) {
      case STRING, MODULE -> {}
      case LIST, SET, SORTED_SET, HASH -> json.writeEndArray();
      case STREAM -> {
        json.writeEndArray();
        json.writeEndObject();
      }
      case ARRAY -> json.writeEndObject();
    }
  }

  @Override
  public void accept(Part part) {
    switch (part) {
      case Part.Text(Part.Bytes value) -> write(value);
      case Part.Item(_, Part.Bytes value) -> write(value);
      case Part.Member(Part.Bytes member) -> write(member);
      case Part.Scored(Part.Bytes member, double score) -> {
        json.writeStartObject();
        write("member", member);
        if (Double.isInfinite(score)) {
          json.writeStringProperty("score", KeyWords.score(score));
        } else {
          json.writeNumberProperty("score", score);
        }
        json.writeEndObject();
      }
      case Part.Field(Part.Bytes name, Part.Bytes value, long expiryMillis) -> {
        json.writeStartObject();
        write("field", name);
        write("value", value);
        if (expiryMillis != ValueVisitor.NO_EXPIRY) {
          json.writeStringProperty("expires", Instant.ofEpochMilli(expiryMillis).toString());
        }
        json.writeEndObject();
      }
      case Part.Entry entry -> entry(entry);
      case Part.State(_) -> {
        json.writeEndArray();
        state((Part.State) part);
        json.writeArrayPropertyStart("groups");
        entriesEnded = true;
      }
      case Part.Group group -> group(group);
      case Part.Cell(long index, Part.Bytes value) -> {
        json.writeStartObject();
        writeIndex("index", index);
        write("value", value);
        json.writeEndObject();
      }
      case Part.Next(long index) -> {
        json.writeEndArray();
        writeIndex("next", index);
      }
      case Part.Opaque(Part.Bytes raw) -> write(raw);
    }
  }

  private void entry(Part.Entry entry) {
    json.writeStartObject();
    json.writeStringProperty("id", entry.id().toString());
    json.writeArrayPropertyStart("fields");
    for (List<Part.Bytes> field : entry.fields()) {
      json.writeStartObject();
      write("field", field.get(0));
      write("value", field.get(1));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void state(Part.State state) {
    json.writeStringProperty("lastId", state.state().last().toString());
    json.writeStringProperty("maxDeletedId", state.state().maxDeleted().toString());
    json.writeNumberProperty("entriesAdded", state.state().entriesAdded());
  }

  private void group(Part.Group group) {
    if (!entriesEnded) {
      throw new IllegalStateException("groups stand behind the stream's state");
    }
    json.writeStartObject();
    write("name", group.name());
    json.writeStringProperty("lastDelivered", group.lastDelivered().toString());
    if (group.entriesRead() != ValueVisitor.ENTRIES_READ_UNKNOWN) {
      json.writeNumberProperty("entriesRead", group.entriesRead());
    }
    json.writeNumberProperty("pending", group.pending());
    json.writeArrayPropertyStart("consumers");
    for (Part.Consumer consumer : group.consumers()) {
      json.writeStartObject();
      write("name", consumer.name());
      json.writeNumberProperty("pending", consumer.pending());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void writeIndex(String name, long index) {
    json.writeName(name);
    json.writeNumber(new BigInteger(Long.toUnsignedString(index)));
  }

  private void write(String name, Part.Bytes bytes) {
    json.writeName(name);
    write(bytes);
  }

  private void write(Part.Bytes bytes) {
    if (!bytes.cut() && EscapedText.isUtf8(bytes.head())) {
      json.writeString(new String(bytes.head(), StandardCharsets.UTF_8));
    } else {
      json.writeStartObject();
      json.writeName("base64");
      json.writeBinary(bytes.head());
      json.writeNumberProperty("length", bytes.length());
      json.writeEndObject();
    }
  }
}
