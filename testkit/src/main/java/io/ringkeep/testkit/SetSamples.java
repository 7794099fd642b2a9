package io.ringkeep.testkit;

import java.util.List;

/// Sets: integers of each width, small ones packed, large ones hashed.
final class SetSamples implements SampleType {
  private final DatasetWriter writer;
  private final Samples samples;

  SetSamples(DatasetWriter writer, Samples samples) {
    this.writer = writer;
    this.samples = samples;
  }

  @Override
  public int weight() {
    return 12;
  }

  @Override
  public void writeBorders(int database) {
    add(database, "integers:16", List.of(-32768, -1, 0, 5, 32767));
    add(database, "integers:32", List.of(-32769, 5, 2147483647));
    add(database, "integers:64", Samples.INTEGERS);
    for (int count : List.of(512, 513)) {
      add(database, "integers:count:" + count, Samples.list(count, i -> i * 3));
    }
    for (int count : List.of(1, 127, 128, 129, 2_000)) {
      add(database, "members:count:" + count, Samples.list(count, i -> "member " + i));
    }
    for (int length : List.of(0, 63, 64, 65, 16_384)) {
      add(database, "members:length:" + length, List.of("short", "x".repeat(length)));
    }
    add(database, "mixed", List.of("1", "2", "three", "4.0"));
    add(database, "all-bytes", List.of(Samples.allBytes(), "x"));
    DatasetKey shrunk = key(database, "shrunk");
    writer.send(shrunk, "SADD", shrunk, Samples.list(600, i -> "gone " + i));
    writer.send(shrunk, "SADD", shrunk, "kept");
    writer.send(shrunk, "SREM", shrunk, Samples.list(600, i -> "gone " + i));
  }

  @Override
  public void write(DatasetKey key) {
    int count = samples.chance(5) ? samples.between(130, 700) : samples.between(1, 30);
    List<?> members =
        samples.chance(40)
            ? Samples.list(count, _ -> samples.number())
            : Samples.list(count, _ -> samples.value());
    writer.send(key, "SADD", key, members);
  }

  private void add(int database, String name, List<?> members) {
    DatasetKey key = key(database, name);
    writer.send(key, "SADD", key, members);
  }

  private static DatasetKey key(int database, String name) {
    return new DatasetKey(database, Raw.bytes("border:set:" + name));
  }
}
