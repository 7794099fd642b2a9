package io.ringkeep.testkit;

import java.util.List;

/// Streams: one node and many, entries removed and trimmed, counters set, groups with consumers and
/// pending entries whose times are fixed.
final class StreamSamples implements SampleType {
  /// A moment in the past: servers refuse later ones.
  private static final long DELIVERED_MILLIS = 1_700_000_000_000L;

  private static final long FIRST_ID_MILLIS = 1_600_000_000_000L;
  private static final String LARGEST = "18446744073709551615";

  private final DatasetWriter writer;
  private final Samples samples;

  StreamSamples(DatasetWriter writer, Samples samples) {
    this.writer = writer;
    this.samples = samples;
  }

  @Override
  public int weight() {
    return 6;
  }

  @Override
  public void writeBorders(int database) {
    DatasetKey emptied = key(database, "emptied");
    add(emptied, "5-1", "a", "b");
    writer.send(emptied, "XDEL", emptied, "5-1");
    DatasetKey unwritten = key(database, "never-written");
    writer.send(unwritten, "XGROUP", "CREATE", unwritten, "group", 0, "MKSTREAM");
    DatasetKey ids = key(database, "ids");
    for (String id : List.of("0-1", "0-2", "1-0", "1-" + LARGEST, "2-0", LARGEST + "-" + LARGEST)) {
      add(ids, id, "id", id);
    }
    DatasetKey fields = key(database, "fields");
    add(fields, "1-0", "", "", "x", Samples.allBytes());
    add(fields, "1-1", "same", 1, "same", 2);
    add(fields, "1-2", "long", samples.text(20_000));
    addMany(key(database, "many-nodes"), 350);
    DatasetKey holes = key(database, "holes");
    addMany(holes, 250);
    writer.send(holes, "XDEL", holes, Samples.list(80, i -> id(i * 3)));
    DatasetKey trimmed = key(database, "trimmed");
    addMany(trimmed, 250);
    writer.send(trimmed, "XTRIM", trimmed, "MAXLEN", 17);
    DatasetKey counted = key(database, "counted");
    addMany(counted, 5);
    if (writer.engine().hasFunctions()) {
      String last = (FIRST_ID_MILLIS + 99_999) + "-7";
      writer.send(counted, "XSETID", counted, last, "ENTRIESADDED", 500, "MAXDELETEDID", "77-0");
    } else {
      writer.send(counted, "XSETID", counted, (FIRST_ID_MILLIS + 99_999) + "-7");
    }
    writeGroups(key(database, "groups"));
  }

  private void writeGroups(DatasetKey key) {
    addMany(key, 120);
    createGroup(key, "at-start", "0", 0);
    createGroup(key, "at-end", "$", 120);
    createGroup(key, "half-way", id(60), 61);
    writer.send(key, "XGROUP", "CREATE", key, Samples.allBytes(), id(3));
    for (int i = 0; i < 40; i++) {
      deliver(key, "half-way", i % 3 == 0 ? "alice" : "bob", i);
    }
    if (writer.engine().hasFunctions() || writer.engine().isAtLeast(Engine.Product.REDIS, 6, 2)) {
      writer.send(key, "XGROUP", "CREATECONSUMER", key, "half-way", "idle");
    }
    // Pending entries of which the stream has lost some.
    writer.send(key, "XDEL", key, id(1), id(2), id(30), id(119));
  }

  private void createGroup(DatasetKey key, String group, String after, int entriesRead) {
    List<Object> counter =
        writer.engine().hasFunctions() ? List.of("ENTRIESREAD", entriesRead) : List.of();
    writer.send(key, "XGROUP", "CREATE", key, group, after, counter);
  }

  private void deliver(DatasetKey key, String group, String consumer, int entry) {
    writer.send(
        key,
        "XCLAIM",
        key,
        group,
        consumer,
        0,
        id(entry),
        "TIME",
        DELIVERED_MILLIS + entry,
        "RETRYCOUNT",
        entry % 4,
        "FORCE",
        "JUSTID");
  }

  @Override
  public void write(DatasetKey key) {
    int count = samples.chance(5) ? samples.between(110, 300) : samples.between(1, 20);
    addMany(key, count);
    if (samples.chance(50)) {
      createGroup(key, "workers", "0", 0);
      int pending = samples.between(0, Math.min(count, 10));
      for (int i = 0; i < pending; i++) {
        deliver(key, "workers", "worker " + i % 2, i);
      }
    }
  }

  private void addMany(DatasetKey key, int count) {
    for (int i = 0; i < count; i++) {
      if (i % 10 == 9) {
        add(key, id(i), "other " + i, samples.value(), "fields", i);
      } else {
        add(key, id(i), "name", samples.value(), "number", samples.number());
      }
    }
  }

  private static String id(int number) {
    return (FIRST_ID_MILLIS + number * 13L) + "-" + number % 3;
  }

  private void add(DatasetKey key, String id, Object... fieldsAndValues) {
    writer.send(key, "XADD", key, id, List.of(fieldsAndValues));
  }

  private static DatasetKey key(int database, String name) {
    return new DatasetKey(database, Raw.bytes("border:stream:" + name));
  }
}
