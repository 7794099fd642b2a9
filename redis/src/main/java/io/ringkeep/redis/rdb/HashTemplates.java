package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.RdbVersion.Family;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Turns hashes whose field names stand in a template (Redis 8.10) into plain ones of type
/// [RdbType#HASH], which every server loads.
///
/// Templates save a server memory and mean nothing to its clients. A record has to stand for
/// itself, so it gets its field names back; the server makes templates again if it is told to
/// (`hash-min-template-entries`). Not thread-safe.
final class HashTemplates {
  /*
   * FORMAT  (a length or number is an RDB length, a string any RDB string)
   *   opcode 242   a template: its id, number of fields; for each: its name, a string
   *   type 29      in DUMP: names, then a string that holds a listpack: a number that means nothing here, the values
   *   type 30      in RDB: a string that holds a listpack: id of the template, the values
   *   type 31      in DUMP: names, then the values, a string each
   *   type 32      in RDB: id of the template, then the values, a string each
   *   names        0, then a string that holds a listpack of them; or 1, their number, and a string for each
   *
   * VALIDITY  A template stands before the hashes that name it. There are as many values as names, one at least.
   *
   * Source: parserRaw.c and parser.c of redis/librdb; bytes in tests/unit of Redis 8.10.
   */
  private static final int LISTPACK = 29;
  private static final int LISTPACK_OF_TEMPLATE = 30;
  private static final int ARRAY = 31;
  private static final int ARRAY_OF_TEMPLATE = 32;

  private static final int SINCE = 15;
  private static final int NAMES_IN_LISTPACK = 0;
  private static final int NAMES_AS_STRINGS = 1;

  /// The field names of each template, each as an RDB string.
  private final Map<Long, List<byte[]>> templates = new HashMap<>();

  private final ValueCursor cursor = new ValueCursor();
  private final Element container = new Element();
  private final Element element = new Element();
  private final Listpack listpack = new Listpack();
  private ByteBuffer out = direct(256);

  /// True if files of this version can have templates.
  static boolean in(RdbVersion version) {
    return version.family() == Family.REDIS && version.number() >= SINCE;
  }

  /// True if `number` is the type of a hash that names a template, in an RDB of this version.
  static boolean named(RdbVersion version, int number) {
    return in(version) && (number == LISTPACK_OF_TEMPLATE || number == ARRAY_OF_TEMPLATE);
  }

  /// True if `number` is the type of a hash that brings its template, in a `DUMP` of this version.
  static boolean brought(RdbVersion version, int number) {
    return in(version) && (number == LISTPACK || number == ARRAY);
  }

  /// Reads a template, behind its opcode.
  void define(RdbInput in, RdbString text) throws IOException {
    long from = in.offset();
    long id = in.length();
    int fields = in.count();
    List<byte[]> names = new ArrayList<>();
    for (int i = 0; i < fields; i++) {
      text.read(in);
      ByteBuffer name = text.view(in);
      begin();
      string(name, 0, name.limit());
      names.add(written());
    }
    if (names.isEmpty() || templates.putIfAbsent(id, names) != null) {
      throw RdbInput.damaged(
          "impossible hash template in RDB",
          from,
          "id=%s fields=%d".formatted(Long.toUnsignedString(id), fields));
    }
  }

  /// Passes over the value of a hash that names a template.
  void skip(RdbInput in, int number) throws IOException {
    if (number == LISTPACK_OF_TEMPLATE) {
      in.skipString();
      return;
    }
    long from = in.offset();
    long id = in.length();
    List<byte[]> names = templates.get(id);
    if (names == null) {
      throw RdbInput.damaged(
          "unknown hash template in RDB", from, "id=" + Long.toUnsignedString(id));
    }
    for (int i = 0; i < names.size(); i++) {
      in.skipString();
    }
  }

  /// The value as type [RdbType#HASH] has it, in a buffer that holds until this is called again.
  ///
  /// @throws CorruptData if the value's bytes make no sense
  ByteBuffer plain(int number, ByteBuffer value) {
    cursor.begin(value);
    List<byte[]> names =
        switch (number) {
          case LISTPACK, ARRAY -> ownNames();
          case ARRAY_OF_TEMPLATE -> template(cursor.number());
          default -> List.of();
        };
    begin();
    if (number == ARRAY || number == ARRAY_OF_TEMPLATE) {
      arrayOf(names, value);
    } else {
      cursor.string(container);
      listpack.begin(container.buffer(), container.start(), container.end());
      long id = listpack.nextInteger(element);
      listpackOf(number == LISTPACK ? names : template(id));
    }
    cursor.end();
    container.release();
    element.release();
    return out.slice(0, out.position()).order(ByteOrder.LITTLE_ENDIAN);
  }

  private List<byte[]> template(long id) {
    List<byte[]> names = templates.get(id);
    if (names == null) {
      throw new CorruptData("unknown hash template: id=" + id, null, null);
    }
    return names;
  }

  private List<byte[]> ownNames() {
    List<byte[]> names = new ArrayList<>();
    long form = cursor.number();
    if (form == NAMES_IN_LISTPACK) {
      cursor.string(container);
      listpack.begin(container.buffer(), container.start(), container.end());
      while (listpack.next(element)) {
        names.add(name());
      }
    } else if (form == NAMES_AS_STRINGS) {
      for (long left = cursor.count(); left > 0; left--) {
        cursor.string(element);
        names.add(name());
      }
    } else {
      throw new CorruptData("unknown form of a hash's field names: form=" + form, null, null);
    }
    if (names.isEmpty()) {
      throw new CorruptData("hash without fields", null, null);
    }
    return names;
  }

  private byte[] name() {
    begin();
    string(element.buffer(), element.start(), element.end());
    return written();
  }

  private void arrayOf(List<byte[]> names, ByteBuffer value) {
    length(names.size());
    for (byte[] name : names) {
      room(name.length);
      out.put(name);
      int from = cursor.offset();
      cursor.string(element);
      int bytes = cursor.offset() - from;
      room(bytes);
      out.put(out.position(), value, value.position() + from, bytes);
      out.position(out.position() + bytes);
    }
  }

  private void listpackOf(List<byte[]> names) {
    length(names.size());
    for (byte[] name : names) {
      room(name.length);
      out.put(name);
      listpack.nextElement(element);
      string(element.buffer(), element.start(), element.end());
    }
    if (listpack.next(element)) {
      throw new CorruptData("hash with more values than fields", null, null);
    }
  }

  private void begin() {
    out.clear();
  }

  private byte[] written() {
    byte[] bytes = new byte[out.position()];
    out.get(0, bytes);
    return bytes;
  }

  private void string(ByteBuffer bytes, int start, int end) {
    length(end - start);
    room(end - start);
    out.put(out.position(), bytes, start, end - start);
    out.position(out.position() + end - start);
  }

  private void length(long length) {
    room(RdbLength.MAX_BYTES);
    out.position(RdbLength.put(out, out.position(), length));
  }

  private void room(int bytes) {
    if (out.remaining() < bytes) {
      long whole = (long) out.position() + bytes;
      int most = Integer.MAX_VALUE - 8;
      if (whole > most) {
        throw new CorruptData("hash too large: bytes=" + whole, null, null);
      }
      ByteBuffer larger = direct((int) Math.min(most, Math.max(2L * out.capacity(), whole)));
      larger.put(out.flip());
      out = larger;
    }
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
