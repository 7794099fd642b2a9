package io.ringkeep.cli;

import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.redis.rdb.RdbWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// An RDB file in the shapes that servers write most: short strings, collections of some tens of
/// elements as listpacks, streams, and long strings compressed by LZF.
final class RehearsalDump {
  private static final RdbVersion VERSION = RdbVersion.redis(11);
  private static final int STRINGS = 300_000;
  private static final int COLLECTIONS = 100_000;
  private static final int PAGES = 4_000;
  private static final int PAGE_BYTES = 10 * 1024;

  private final ByteBuffer value =
      ByteBuffer.allocate(2 * PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer listpack = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
  private final RdbWriter writer;
  private int elements;

  private RehearsalDump(RdbWriter writer) {
    this.writer = writer;
  }

  static void write(Path file) throws IOException {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      RdbWriter writer = new RdbWriter(out, VERSION);
      new RehearsalDump(writer).records();
      writer.finish();
    }
  }

  private void records() throws IOException {
    for (int i = 0; i < STRINGS; i++) {
      string(bytes("{\"id\":%d,\"name\":\"%x\"}".formatted(i, i * 31L)));
      record("user:" + i, RdbType.STRING);
    }
    for (int i = 0; i < COLLECTIONS; i++) {
      collection("mix:" + i, i);
    }
    for (int i = 0; i < PAGES; i++) {
      page(i);
      record("page:" + i, RdbType.STRING);
    }
  }

  private void collection(String key, int i) throws IOException {
    listpack.clear().position(Integer.BYTES + Short.BYTES);
    elements = 0;
    int size = 10 + i % 50;
    switch (i % 5) {
      case 0 -> {
        for (int field = 0; field < size; field++) {
          element("field" + field);
          element("%x-value-%x".formatted(i * 31L, field * 7919L));
        }
        listpack();
        record(key, RdbType.HASH_LISTPACK);
      }
      case 1 -> {
        for (int member = 0; member < size; member++) {
          element("member:" + member + ":" + i);
          element(member + "." + i % 1000);
        }
        listpack();
        record(key, RdbType.ZSET_LISTPACK);
      }
      case 2 -> {
        for (int item = 0; item < size; item++) {
          element("item %x of %x".formatted(item, i * 127L));
        }
        length(1);
        length(2); // a packed node
        listpack();
        record(key, RdbType.LIST_QUICKLIST_2);
      }
      case 3 -> {
        for (int tag = 0; tag < size; tag++) {
          element("tag:" + (tag * 1009 + i));
        }
        listpack();
        record(key, RdbType.SET_LISTPACK);
      }
      default -> stream(key, size / 4);
    }
  }

  /// One node whose entries all have its two fields, and no groups.
  private void stream(String key, int entries) throws IOException {
    number(entries);
    number(0); // deleted
    number(2);
    element("event");
    element("user");
    number(0);
    for (int i = 0; i < entries; i++) {
      number(2); // the fields of the node
      number(i);
      number(0);
      element("event-" + i);
      element("u" + i * 7919L);
      number(5);
    }
    length(1);
    length(2 * Long.BYTES);
    id();
    listpack();
    for (int number : new int[] {entries, entries - 1, 0, 0, 0, 0, 0, entries, 0}) {
      length(number); // length, last id, first id, highest deleted id, added, groups
    }
    record(key, RdbType.STREAM_LISTPACKS_3);
  }

  private void id() {
    value.putLong(0).putLong(0);
  }

  /// Words that differ, each followed by the same twenty bytes, which LZF finds again.
  private void page(int i) {
    byte[] tail = bytes(",\"status\":\"active\"},");
    ByteBuffer compressed = ByteBuffer.allocate(PAGE_BYTES);
    int plain = 0;
    for (int word = 0; plain < PAGE_BYTES; word++) {
      compressed.put((byte) 23).put(bytes("%012d%012d".formatted(i, word)));
      plain += 24 + tail.length;
      if (word == 0) {
        compressed.put((byte) (tail.length - 1)).put(tail);
      } else {
        compressed.put((byte) (7 << 5)).put((byte) (tail.length - 9)).put((byte) 43);
      }
    }
    value.put((byte) 0xc3);
    length(compressed.position());
    length(plain);
    value.put(compressed.flip());
  }

  private void record(String key, RdbType type) throws IOException {
    writer.record(
        new Record(
            0,
            ByteBuffer.wrap(bytes(key)),
            Record.NO_EXPIRY,
            Heat.UNKNOWN,
            type.number(),
            VERSION,
            value.flip()));
    value.clear();
  }

  private void listpack() {
    listpack.put((byte) 0xff);
    listpack.putInt(0, listpack.position()).putShort(Integer.BYTES, (short) elements);
    length(listpack.position());
    value.put(listpack.flip());
  }

  private void element(String text) {
    byte[] bytes = bytes(text);
    listpack.put((byte) (0x80 | bytes.length)).put(bytes).put((byte) (1 + bytes.length));
    elements++;
  }

  private void number(int small) {
    listpack.put((byte) small).put((byte) 1);
    elements++;
  }

  private void string(byte[] bytes) {
    length(bytes.length);
    value.put(bytes);
  }

  private void length(int number) {
    if (number < 64) {
      value.put((byte) number);
    } else {
      value.put((byte) (0x40 | number >> 8)).put((byte) number);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
