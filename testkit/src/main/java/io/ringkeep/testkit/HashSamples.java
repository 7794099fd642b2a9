package io.ringkeep.testkit;

import java.util.ArrayList;
import java.util.List;

/// Hashes: packed and as tables, with fields that expire where servers have these.
final class HashSamples implements SampleType {
  /// 2100-01-01.
  private static final long FAR_OFF_MILLIS = 4_102_444_800_000L;

  private final DatasetWriter writer;
  private final Samples samples;

  HashSamples(DatasetWriter writer, Samples samples) {
    this.writer = writer;
    this.samples = samples;
  }

  @Override
  public int weight() {
    return 18;
  }

  @Override
  public void writeBorders(int database) {
    for (int count : List.of(1, 127, 128, 129, 512, 513, 2_000)) {
      set(database, "count:" + count, fields(count));
    }
    for (int length : List.of(0, 63, 64, 65, 254, 16_384)) {
      set(database, "value:" + length, List.of("field", samples.bytes(length)));
      set(database, "field:" + length, List.of("x".repeat(length), "value"));
    }
    set(database, "integers", Samples.list(20, i -> List.of(i, Samples.INTEGERS.get(i))));
    set(database, "all-bytes", List.of(Samples.allBytes(), Samples.allBytes()));
    set(database, "compressible", List.of("text", samples.text(50_000)));
    if (writer.engine().hasFieldExpiry()) {
      expire(set(database, "expiring:some:packed", fields(10)), 3);
      expire(set(database, "expiring:all:packed", fields(5)), 5);
      expire(set(database, "expiring:some:table", fields(1_000)), 300);
      expire(set(database, "expiring:all:table", fields(600)), 600);
      DatasetKey both = set(database, "expiring:with-key", fields(10));
      expire(both, 2);
      writer.send(both, "PEXPIREAT", both, FAR_OFF_MILLIS + 1);
      DatasetKey undone = set(database, "expiring:undone", fields(10));
      expire(undone, 2);
      writer.send(undone, "HPERSIST", undone, "FIELDS", 2, "field 0", "field 1");
    }
  }

  private static List<?> fields(int count) {
    return Samples.list(count, i -> List.of("field " + i, "value " + i));
  }

  /// Lets the first `count` fields expire, at moments of their own.
  private void expire(DatasetKey key, int count) {
    for (int i = 0; i < count; i++) {
      writer.send(key, "HPEXPIREAT", key, FAR_OFF_MILLIS + i * 7L, "FIELDS", 1, "field " + i);
    }
  }

  @Override
  public void write(DatasetKey key) {
    int count = samples.chance(5) ? samples.between(130, 600) : samples.between(1, 30);
    List<Object> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      words.add("field " + i);
      words.add(samples.value());
    }
    writer.send(key, "HSET", key, words);
    // Drawn on every version, so that the rest of the dataset does not depend on it.
    if (samples.chance(20) && writer.engine().hasFieldExpiry()) {
      expire(key, Math.max(1, count / 3));
    }
  }

  private DatasetKey set(int database, String name, List<?> fieldsAndValues) {
    DatasetKey key = new DatasetKey(database, Raw.bytes("border:hash:" + name));
    writer.send(key, "HSET", key, fieldsAndValues);
    return key;
  }
}
