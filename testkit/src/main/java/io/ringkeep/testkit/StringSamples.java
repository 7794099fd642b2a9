package io.ringkeep.testkit;

import java.util.List;

/// Strings: integers, embedded, raw, compressible, binary; names of keys at their borders; bitmaps;
/// HyperLogLogs sparse and dense.
final class StringSamples implements SampleType {
  private static final String FAR_OFF = "4102444800123";

  private final DatasetWriter writer;
  private final Samples samples;

  StringSamples(DatasetWriter writer, Samples samples) {
    this.writer = writer;
    this.samples = samples;
  }

  @Override
  public int weight() {
    return 40;
  }

  @Override
  public void writeBorders(int database) {
    for (long number : Samples.INTEGERS) {
      set(database, "border:string:integer:" + number, Long.toString(number));
    }
    for (String almost : List.of("00", "+1", "-0", "1.0", " 1", "1 ", "9223372036854775808")) {
      set(database, "border:string:almost-integer:" + almost, almost);
    }
    for (int length : Samples.LENGTHS) {
      set(database, "border:string:random:" + length, samples.bytes(length));
      set(database, "border:string:text:" + length, samples.text(length));
    }
    set(database, "border:string:repeated", "a".repeat(300_000));
    set(database, "border:string:large", samples.bytes(1_500_000));
    set(database, "border:string:all-bytes", Samples.allBytes());
    DatasetKey grown = key(database, "border:string:appended");
    writer.send(grown, "APPEND", grown, "1");
    writer.send(grown, "APPEND", grown, "2");
    DatasetKey padded = key(database, "border:string:setrange");
    writer.send(padded, "SETRANGE", padded, 1000, "end");
    DatasetKey counter = key(database, "border:string:counter");
    writer.send(counter, "INCRBYFLOAT", counter, "0.1");
    DatasetKey expiring = key(database, "border:string:expiring");
    writer.send(expiring, "SET", expiring, "v");
    writer.send(expiring, "PEXPIREAT", expiring, FAR_OFF);
    writeNames(database);
    writeBitmaps(database);
    writeHyperLogLogs(database);
  }

  private void writeNames(int database) {
    set(new DatasetKey(database, new byte[0]), "the empty name");
    set(new DatasetKey(database, Samples.allBytes()), "every byte");
    set(new DatasetKey(database, samples.bytes(20_000)), "a long name");
    for (String name :
        List.of(
            "7", "-7", "70000", "{}", "{}tail", "{a}{b}", "a{b}c", "{a", "}a{", "名字", "a b\n")) {
      set(database, name, "named " + name);
    }
  }

  private void writeBitmaps(int database) {
    DatasetKey bitmap = key(database, "border:bitmap");
    for (int bit : List.of(0, 7, 8, 1000, 100_000)) {
      writer.send(bitmap, "SETBIT", bitmap, bit, 1);
    }
    DatasetKey fields = key(database, "border:bitfield");
    writer.send(fields, "BITFIELD", fields, "SET", "u8", 0, 255, "SET", "i16", 100, -300);
  }

  private void writeHyperLogLogs(int database) {
    DatasetKey sparse = key(database, "border:hyperloglog:sparse");
    writer.send(sparse, "PFADD", sparse, Samples.list(20, i -> "visitor " + i));
    DatasetKey dense = key(database, "border:hyperloglog:dense");
    writer.send(dense, "PFADD", dense, Samples.list(5_000, i -> "visitor " + i));
    DatasetKey empty = key(database, "border:hyperloglog:empty");
    writer.send(empty, "PFADD", empty);
  }

  @Override
  public void write(DatasetKey key) {
    int kind = samples.between(0, 99);
    if (kind < 94) {
      set(key, samples.value());
    } else if (kind < 97) {
      writer.send(key, "SETBIT", key, samples.between(0, 20_000), 1);
    } else {
      int visitors = samples.between(1, 300);
      writer.send(key, "PFADD", key, Samples.list(visitors, _ -> samples.number()));
    }
  }

  private void set(int database, String name, Object value) {
    set(key(database, name), value);
  }

  private void set(DatasetKey key, Object value) {
    writer.send(key, "SET", key, value);
  }

  private static DatasetKey key(int database, String name) {
    return new DatasetKey(database, Raw.bytes(name));
  }
}
