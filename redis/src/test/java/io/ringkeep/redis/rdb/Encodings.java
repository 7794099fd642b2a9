package io.ringkeep.redis.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.ringkeep.model.RdbVersion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// Every way in which servers encode a value, drawn at random where a server has a choice.
final class Encodings {
  /// An encoded value and what its bytes mean.
  record Encoding(RdbVersion version, RdbType type, RdbBytes bytes) {
    byte[] value() {
      return bytes.bytes();
    }
  }

  private static final RdbVersion REDIS = RdbVersion.redis(15);
  private static final RdbVersion VALKEY = RdbVersion.valkey(80);

  private final Random random;
  private final Packed packed;

  Encodings(Random random) {
    this.random = random;
    this.packed = new Packed(random);
  }

  List<Encoding> of(LogicalValue value) {
    return switch (value) {
      case LogicalValue.Text text ->
          List.of(encoding(RdbType.STRING, string(RdbBytes.value(), text.bytes())));
      case LogicalValue.Items list -> list(list.items());
      case LogicalValue.Members set -> set(set.members());
      case LogicalValue.Scores sortedSet -> sortedSet(sortedSet.scores());
      case LogicalValue.Fields hash -> hash(hash.fields());
      case LogicalValue.Stream stream -> streams(stream);
      case LogicalValue.Array array ->
          List.of(
              encoding(RdbType.ARRAY, array(array, /* wide= */ true)),
              encoding(RdbType.ARRAY, array(array, /* wide= */ false)));
    };
  }

  private List<Encoding> list(List<String> items) {
    RdbBytes plain = RdbBytes.value().length(items.size());
    items.forEach(item -> string(plain, item));
    RdbBytes quicklist = RdbBytes.value();
    RdbBytes quicklist2 = RdbBytes.value();
    List<List<String>> nodes = split(items);
    quicklist.length(nodes.size());
    quicklist2.length(nodes.size());
    for (List<String> node : nodes) {
      blob(quicklist, packed.ziplist(node));
      if (node.size() == 1 && random.nextBoolean()) {
        string(quicklist2.length(1), node.getFirst());
      } else {
        blob(quicklist2.length(2), packed.listpack(node));
      }
    }
    return List.of(
        encoding(RdbType.LIST, plain),
        encoding(RdbType.LIST_ZIPLIST, blob(RdbBytes.value(), packed.ziplist(items))),
        encoding(RdbType.LIST_QUICKLIST, quicklist),
        encoding(RdbType.LIST_QUICKLIST_2, quicklist2));
  }

  private List<Encoding> set(Set<String> set) {
    List<String> members = shuffled(set);
    RdbBytes plain = RdbBytes.value().length(members.size());
    members.forEach(member -> string(plain, member));
    List<Encoding> encodings = new ArrayList<>();
    encodings.add(encoding(RdbType.SET, plain));
    encodings.add(
        encoding(RdbType.SET_LISTPACK, blob(RdbBytes.value(), packed.listpack(shuffled(set)))));
    if (members.stream().allMatch(Packed::isInteger)) {
      List<Long> integers = members.stream().map(Long::parseLong).toList();
      encodings.add(encoding(RdbType.SET_INTSET, blob(RdbBytes.value(), packed.intset(integers))));
    }
    return encodings;
  }

  private List<Encoding> sortedSet(Map<String, Double> scores) {
    RdbBytes text = RdbBytes.value().length(scores.size());
    RdbBytes binary = RdbBytes.value().length(scores.size());
    for (String member : shuffled(scores.keySet())) {
      double score = scores.getOrDefault(member, 0.0);
      textScore(string(text, member), score);
      string(binary, member).f64(score == 0 && random.nextBoolean() ? -0.0 : score);
    }
    return List.of(
        encoding(RdbType.ZSET, text),
        encoding(RdbType.ZSET_2, binary),
        encoding(
            RdbType.ZSET_ZIPLIST, blob(RdbBytes.value(), packed.ziplist(membersAndScores(scores)))),
        encoding(
            RdbType.ZSET_LISTPACK,
            blob(RdbBytes.value(), packed.listpack(membersAndScores(scores)))));
  }

  private static void textScore(RdbBytes out, double score) {
    if (Double.isInfinite(score)) {
      out.u8(score > 0 ? 254 : 255);
    } else {
      out.string(scoreText(score));
    }
  }

  private List<String> membersAndScores(Map<String, Double> scores) {
    List<String> all = new ArrayList<>();
    for (String member : shuffled(scores.keySet())) {
      double score = scores.getOrDefault(member, 0.0);
      all.add(member);
      all.add(Double.isInfinite(score) ? score > 0 ? "inf" : "-inf" : scoreText(score));
    }
    return all;
  }

  /// Servers write whole numbers without a point.
  private static String scoreText(double score) {
    return score == Math.rint(score) && Math.abs(score) < 1e15
        ? Long.toString((long) score)
        : Double.toString(score).replace("E", "e");
  }

  private List<Encoding> hash(Map<String, LogicalValue.Field> fields) {
    List<Encoding> encodings = new ArrayList<>();
    if (fields.values().stream().allMatch(f -> f.expiry() == -1)) {
      RdbBytes plain = RdbBytes.value().length(fields.size());
      for (String field : shuffled(fields.keySet())) {
        string(string(plain, field), value(fields, field));
      }
      encodings.add(encoding(RdbType.HASH, plain));
      encodings.add(
          encoding(
              RdbType.HASH_ZIPMAP, blob(RdbBytes.value(), packed.zipmap(fieldsAndValues(fields)))));
      encodings.add(
          encoding(
              RdbType.HASH_ZIPLIST,
              blob(RdbBytes.value(), packed.ziplist(fieldsAndValues(fields)))));
      encodings.add(
          encoding(
              RdbType.HASH_LISTPACK,
              blob(RdbBytes.value(), packed.listpack(fieldsAndValues(fields)))));
    }
    long minimum =
        fields.values().stream()
            .mapToLong(LogicalValue.Field::expiry)
            .filter(e -> e > 0)
            .min()
            .orElse(0x1000000000000L);
    RdbBytes metadata = RdbBytes.value().i64(minimum).length(fields.size());
    RdbBytes early = RdbBytes.value().length(fields.size());
    RdbBytes valkey = RdbBytes.value().length(fields.size());
    List<Object> triples = new ArrayList<>();
    for (String field : shuffled(fields.keySet())) {
      long expiry = expiry(fields, field);
      String value = value(fields, field);
      string(string(metadata.length(expiry < 0 ? 0 : expiry - minimum + 1), field), value);
      string(string(early.length(Math.max(expiry, 0)), field), value);
      string(string(valkey, field), value).i64(expiry);
      triples.addAll(List.of(field, value, Math.max(expiry, 0)));
    }
    encodings.add(encoding(RdbType.HASH_METADATA, metadata));
    encodings.add(encoding(RdbType.HASH_METADATA_PRE_GA, early));
    encodings.add(new Encoding(VALKEY, RdbType.HASH_2, valkey));
    encodings.add(
        encoding(
            RdbType.HASH_LISTPACK_EX,
            blob(RdbBytes.value().i64(random.nextLong()), packed.listpack(triples))));
    encodings.add(
        encoding(
            RdbType.HASH_LISTPACK_EX_PRE_GA, blob(RdbBytes.value(), packed.listpack(triples))));
    return encodings;
  }

  private static String value(Map<String, LogicalValue.Field> fields, String field) {
    return fields.getOrDefault(field, new LogicalValue.Field("", -1)).value();
  }

  private static long expiry(Map<String, LogicalValue.Field> fields, String field) {
    return fields.getOrDefault(field, new LogicalValue.Field("", -1)).expiry();
  }

  private List<String> fieldsAndValues(Map<String, LogicalValue.Field> fields) {
    List<String> all = new ArrayList<>();
    for (String field : shuffled(fields.keySet())) {
      all.add(field);
      all.add(value(fields, field));
    }
    return all;
  }

  private List<Encoding> streams(LogicalValue.Stream stream) {
    List<Encoding> encodings = new ArrayList<>();
    List<RdbType> types = new ArrayList<>(List.of(RdbType.STREAM_LISTPACKS_5));
    if (stream.groups().stream().allMatch(group -> group.unowned().isEmpty())) {
      types.addAll(
          List.of(
              RdbType.STREAM_LISTPACKS_2, RdbType.STREAM_LISTPACKS_3, RdbType.STREAM_LISTPACKS_4));
    }
    for (RdbType type : types) {
      encodings.add(encoding(type, stream(stream, type)));
    }
    return encodings;
  }

  /// The stream as `type` holds it: type 15 leaves out what it has no place for.
  RdbBytes stream(LogicalValue.Stream stream, RdbType type) {
    RdbBytes out = RdbBytes.value();
    List<List<LogicalValue.Entry>> nodes = split(stream.entries());
    out.length(nodes.size());
    for (List<LogicalValue.Entry> node : nodes) {
      out.string(rawId(node.getFirst().id()));
      blob(out, packed.listpack(node(node)));
    }
    id(out.length(stream.length()), stream.last());
    if (type != RdbType.STREAM_LISTPACKS) {
      StreamId noFirst = random.nextBoolean() ? StreamId.ZERO : new StreamId(-1, -1);
      id(out, stream.length() == 0 ? noFirst : stream.first());
      id(out, stream.maxDeleted()).length(stream.added());
    }
    out.length(stream.groups().size());
    for (LogicalValue.Group group : stream.groups()) {
      id(string(out, group.name()), group.delivered());
      if (type != RdbType.STREAM_LISTPACKS) {
        out.length(group.read());
      }
      out.length(group.pending().size());
      group.pending().forEach(p -> out.raw(rawId(p.id())).i64(p.time()).length(p.count()));
      out.length(group.consumers().size());
      for (LogicalValue.Consumer consumer : group.consumers()) {
        string(out, consumer.name()).i64(random.nextLong());
        if (type != RdbType.STREAM_LISTPACKS && type != RdbType.STREAM_LISTPACKS_2) {
          out.i64(random.nextLong());
        }
        out.length(consumer.owned().size());
        consumer.owned().forEach(id -> out.raw(rawId(id)));
      }
      if (type == RdbType.STREAM_LISTPACKS_5) {
        out.length(group.unowned().size());
        group.unowned().forEach(id -> out.raw(rawId(id)));
      }
    }
    return type.hasProducers() ? out.u8(0x40, 100, 0x40, 100, 0, 0, 0) : out;
  }

  /// An array as a server of 64 bits keeps it, or as strings under any of their two tags.
  ///
  /// Servers write the lowest index first; any order is read.
  private RdbBytes array(LogicalValue.Array array, boolean wide) {
    RdbBytes out = RdbBytes.value().length(array.elements().size());
    if (array.next() == 0 && random.nextBoolean()) {
      out.length(0);
    } else {
      out.length(1).length(array.next() - 1);
    }
    List<Long> indexes = new ArrayList<>(array.elements().keySet());
    if (wide) {
      indexes.sort(Long::compareUnsigned);
    } else {
      Collections.shuffle(indexes, random);
    }
    for (long index : indexes) {
      String text = array.elements().getOrDefault(index, "");
      out.length(index);
      if (wide && Packed.isInteger(text)) {
        out.length(1).i64(Long.parseLong(text));
      } else if (wide && isDecimal(text)) {
        out.length(2).f64(Double.parseDouble(text));
      } else {
        string(out.length(random.nextBoolean() ? 0 : 3), text);
      }
    }
    return out;
  }

  private static boolean isDecimal(String text) {
    return text.matches("-?\\d{1,6}\\.\\d+")
        && Double.toString(Double.parseDouble(text)).equals(text);
  }

  /// What a node's listpack holds.
  private List<Object> node(List<LogicalValue.Entry> entries) {
    StreamId base = entries.getFirst().id();
    List<String> shared = names(entries.getFirst());
    long deleted = entries.stream().filter(LogicalValue.Entry::deleted).count();
    List<Object> all = new ArrayList<>();
    all.addAll(List.of(entries.size() - deleted, deleted, (long) shared.size()));
    all.addAll(shared);
    all.add(0L);
    for (LogicalValue.Entry entry : entries) {
      List<String> names = names(entry);
      boolean same = names.equals(shared) && random.nextInt(8) != 0;
      long fields = names.size();
      all.add((entry.deleted() ? 1L : 0L) + (same ? 2L : 0L));
      all.add(entry.id().millis() - base.millis());
      all.add(entry.id().sequence() - base.sequence());
      if (same) {
        for (int i = 1; i < entry.namesAndValues().size(); i += 2) {
          all.add(entry.namesAndValues().get(i));
        }
      } else {
        all.add(fields);
        all.addAll(entry.namesAndValues());
      }
      all.add(same ? fields + 3 : 2 * fields + 4);
    }
    return all;
  }

  private static List<String> names(LogicalValue.Entry entry) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < entry.namesAndValues().size(); i += 2) {
      names.add(entry.namesAndValues().get(i));
    }
    return names;
  }

  private static RdbBytes id(RdbBytes out, StreamId id) {
    return out.length(id.millis()).length(id.sequence());
  }

  private static byte[] rawId(StreamId id) {
    RdbBytes little = RdbBytes.value().i64(Long.reverseBytes(id.millis()));
    return little.i64(Long.reverseBytes(id.sequence())).bytes();
  }

  /// Cuts into parts of one element at least.
  private <T> List<List<T>> split(List<T> elements) {
    List<List<T>> parts = new ArrayList<>();
    for (int at = 0; at < elements.size(); ) {
      int end = at + 1 + random.nextInt(elements.size() - at);
      parts.add(elements.subList(at, end));
      at = end;
    }
    return parts;
  }

  private List<String> shuffled(Set<String> strings) {
    List<String> list = new ArrayList<>(strings);
    Collections.shuffle(list, random);
    return list;
  }

  /// A string in one of the forms that fit it.
  RdbBytes string(RdbBytes out, String text) {
    if (Packed.isInteger(text) && random.nextInt(4) != 0) {
      long n = Long.parseLong(text);
      if (n >= Byte.MIN_VALUE && n <= Byte.MAX_VALUE) {
        return out.u8(0xc0, (int) n);
      }
      if (n >= Short.MIN_VALUE && n <= Short.MAX_VALUE) {
        return out.u8(0xc1).i16((int) n);
      }
      if (n >= Integer.MIN_VALUE && n <= Integer.MAX_VALUE) {
        return out.u8(0xc2).i32((int) n);
      }
    }
    return blob(out, text.getBytes(ISO_8859_1));
  }

  /// Bytes raw or compressed, their length in its shortest form or a longer one.
  RdbBytes blob(RdbBytes out, byte[] bytes) {
    if (bytes.length > 4 && random.nextBoolean()) {
      byte[] compressed = LzfCompressor.compress(bytes, random);
      return out.u8(0xc3).length(compressed.length).length(bytes.length).raw(compressed);
    }
    return switch (random.nextInt(8)) {
      case 0 -> out.length32(bytes.length).raw(bytes);
      case 1 -> out.length64(bytes.length).raw(bytes);
      default -> out.string(bytes);
    };
  }

  private static Encoding encoding(RdbType type, RdbBytes value) {
    return new Encoding(REDIS, type, value);
  }
}
