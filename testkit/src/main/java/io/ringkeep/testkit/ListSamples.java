package io.ringkeep.testkit;

import java.util.List;

/// Lists: one node and many, elements of every length and number, elements larger than a node.
final class ListSamples implements SampleType {
  private final DatasetWriter writer;
  private final Samples samples;

  ListSamples(DatasetWriter writer, Samples samples) {
    this.writer = writer;
    this.samples = samples;
  }

  @Override
  public int weight() {
    return 12;
  }

  @Override
  public void writeBorders(int database) {
    push(database, "one", List.of("only"));
    push(database, "empty-element", List.of("", "", "x", ""));
    push(database, "integers", Samples.INTEGERS);
    push(database, "lengths", Samples.list(Samples.LENGTHS.size(), this::ofLength));
    push(database, "repeated", Samples.list(500, _ -> "again"));
    for (int count : List.of(127, 128, 129, 512, 513)) {
      push(database, "count:" + count, Samples.list(count, i -> "element " + i));
    }
    // Nodes end at 8 KiB.
    for (int length : List.of(8_000, 8_191, 8_192, 8_193, 9_000, 70_000)) {
      push(database, "wide:" + length, List.of("a", samples.bytes(length), "b"));
    }
    push(database, "huge", List.of("a", samples.text(1_100_000), "b"));
    push(database, "many-nodes", Samples.list(3_000, _ -> samples.value()));
    push(database, "all-bytes", List.of(Samples.allBytes(), Samples.allBytes()));
    DatasetKey both = key(database, "both-ends");
    for (int i = 0; i < 300; i++) {
      writer.send(both, i % 3 == 0 ? "LPUSH" : "RPUSH", both, i);
    }
    writer.send(both, "LREM", both, 1, 150);
    writer.send(both, "LTRIM", both, 5, -5);
  }

  private byte[] ofLength(int index) {
    return samples.bytes(Samples.LENGTHS.get(index));
  }

  @Override
  public void write(DatasetKey key) {
    int count = samples.chance(5) ? samples.between(200, 600) : samples.between(1, 30);
    writer.send(
        key,
        samples.chance(50) ? "RPUSH" : "LPUSH",
        key,
        Samples.list(count, _ -> samples.value()));
  }

  private void push(int database, String name, List<?> elements) {
    DatasetKey key = key(database, name);
    writer.send(key, "RPUSH", key, elements);
  }

  private static DatasetKey key(int database, String name) {
    return new DatasetKey(database, Raw.bytes("border:list:" + name));
  }
}
