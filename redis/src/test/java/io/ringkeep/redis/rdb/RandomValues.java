package io.ringkeep.redis.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// Draws values of each logical type, at the edges of the encodings as often as in between.
final class RandomValues {
  private static final double[] SCORES = {
    0,
    1,
    -1,
    0.1,
    -2.5,
    3.141592653589793,
    1e17,
    9007199254740992.0,
    Double.MIN_VALUE,
    Double.MAX_VALUE,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    123456789012345.0,
    0.000001,
    1e-7
  };

  private static final int[] EDGE_BITS = {0, 3, 4, 7, 8, 12, 13, 15, 16, 23, 24, 31, 32, 63};
  private static final int[] EDGE_LENGTHS = {0, 1, 62, 63, 64, 120, 128, 253, 254, 255, 4095, 4096};

  private final Random random;

  RandomValues(Random random) {
    this.random = random;
  }

  /// A value of a type that has elements; not a module's.
  LogicalValue next() {
    return switch (random.nextInt(7)) {
      case 0 -> new LogicalValue.Text(string());
      case 1 -> list();
      case 2 -> set();
      case 3 -> sortedSet();
      case 4 -> hash();
      case 5 -> array();
      default -> stream();
    };
  }

  LogicalValue.Items list() {
    List<String> items = new ArrayList<>();
    for (int i = size(); i > 0; i--) {
      items.add(string());
    }
    return new LogicalValue.Items(items);
  }

  LogicalValue.Members set() {
    boolean integers = random.nextInt(3) == 0;
    Set<String> members = new LinkedHashSet<>();
    for (int i = size(); i > 0; i--) {
      members.add(integers ? Long.toString(integer()) : string());
    }
    return new LogicalValue.Members(members);
  }

  LogicalValue.Scores sortedSet() {
    Map<String, Double> scores = new LinkedHashMap<>();
    for (int i = size(); i > 0; i--) {
      scores.put(string(), score());
    }
    return new LogicalValue.Scores(scores);
  }

  LogicalValue.Fields hash() {
    boolean expiring = random.nextBoolean();
    Map<String, LogicalValue.Field> fields = new LinkedHashMap<>();
    for (int i = size(); i > 0; i--) {
      fields.put(string(), new LogicalValue.Field(string(), expiring ? fieldExpiry() : -1));
    }
    return new LogicalValue.Fields(fields);
  }

  LogicalValue.Stream stream() {
    List<LogicalValue.Entry> entries = new ArrayList<>();
    long millis = random.nextInt(1000);
    long sequence = 0;
    boolean deleting = random.nextInt(3) == 0;
    StreamId first = StreamId.ZERO;
    StreamId maxDeleted = StreamId.ZERO;
    for (int i = random.nextInt(4) == 0 ? 0 : size(); i > 0; i--) {
      boolean later = random.nextBoolean();
      millis += later ? 1 + random.nextInt(100_000) : 0;
      sequence = later ? random.nextInt(3) : sequence + 1;
      StreamId id = new StreamId(millis, sequence);
      boolean deleted = deleting && random.nextInt(3) == 0;
      entries.add(new LogicalValue.Entry(id, namesAndValues(), deleted));
      if (deleted) {
        maxDeleted = id;
      } else if (first.equals(StreamId.ZERO)) {
        first = id;
      }
    }
    StreamId last = new StreamId(millis, sequence + random.nextInt(2));
    long added = entries.size() + (long) random.nextInt(5);
    List<LogicalValue.Group> groups = new ArrayList<>();
    for (int i = 0; i < random.nextInt(4); i++) {
      groups.add(group("group" + i, entries));
    }
    return new LogicalValue.Stream(entries, last, first, maxDeleted, added, groups);
  }

  LogicalValue.Array array() {
    Map<Long, String> elements = new LinkedHashMap<>();
    for (int i = size(); i > 0; i--) {
      elements.put(index(), random.nextInt(3) == 0 ? decimal() : string());
    }
    return new LogicalValue.Array(elements, random.nextBoolean() ? 0 : index() + 1);
  }

  /// Any but the highest, which stands for none.
  private long index() {
    long index = random.nextLong() >>> random.nextInt(64);
    return index == -1 ? 0 : index;
  }

  /// A number with a point.
  private String decimal() {
    return Double.toString((random.nextInt(200_000) - 100_000) / 100.0);
  }

  private LogicalValue.Group group(String name, List<LogicalValue.Entry> entries) {
    List<LogicalValue.Pending> pending = new ArrayList<>();
    List<LogicalValue.Consumer> consumers = new ArrayList<>();
    for (int i = 0; i < random.nextInt(3); i++) {
      consumers.add(new LogicalValue.Consumer("consumer" + i, new ArrayList<>()));
    }
    List<StreamId> unowned = new ArrayList<>();
    boolean handingBack = random.nextInt(3) == 0;
    for (LogicalValue.Entry entry : entries) {
      if (!consumers.isEmpty() && random.nextInt(3) == 0) {
        pending.add(
            new LogicalValue.Pending(entry.id(), random.nextLong() >>> 1, random.nextInt(100)));
        if (handingBack && random.nextInt(3) == 0) {
          unowned.add(entry.id());
        } else {
          consumers.get(random.nextInt(consumers.size())).owned().add(entry.id());
        }
      }
    }
    StreamId delivered =
        entries.isEmpty() ? StreamId.ZERO : entries.get(random.nextInt(entries.size())).id();
    return new LogicalValue.Group(
        name, delivered, random.nextInt(5) - 1, pending, consumers, unowned);
  }

  private List<String> namesAndValues() {
    List<String> all = new ArrayList<>();
    if (random.nextBoolean()) {
      all.addAll(List.of("temperature", string(), "7", string()));
    } else {
      for (int i = random.nextInt(4); i > 0; i--) {
        all.add(string());
        all.add(string());
      }
    }
    return all;
  }

  /// Text of any length, bytes, a repetition, or a number.
  String string() {
    return switch (random.nextInt(5)) {
      case 0 -> Long.toString(integer());
      case 1 -> {
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        yield new String(bytes, ISO_8859_1);
      }
      case 2 -> "again and ".repeat(random.nextInt(12));
      case 3 -> {
        int edge = EDGE_LENGTHS[random.nextInt(EDGE_LENGTHS.length)];
        yield "x".repeat(random.nextInt(20) == 0 ? edge : edge % 128);
      }
      default -> "name-" + random.nextInt(100);
    };
  }

  /// A number near a power of two, of either sign.
  long integer() {
    long edge = 1L << EDGE_BITS[random.nextInt(EDGE_BITS.length)];
    long near = edge + random.nextInt(5) - 2;
    return random.nextBoolean() ? near : -near;
  }

  private double score() {
    return random.nextBoolean() ? SCORES[random.nextInt(SCORES.length)] : random.nextInt(1000);
  }

  private long fieldExpiry() {
    return random.nextInt(3) == 0 ? -1 : 1_700_000_000_000L + random.nextInt(1 << 30);
  }

  private int size() {
    return 1 + (random.nextInt(4) == 0 ? random.nextInt(40) : random.nextInt(5));
  }
}
